import { FileRejectedError } from './file-rejected-error.ts';

export const QUOTE = 0x22;
export const COMMA = 0x2c;
export const COLON = 0x3a;
export const OPEN_BRACKET = 0x5b;
export const OPEN_BRACE = 0x7b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const CLOSE_BRACE = 0x7d;

/** Nothing that anybody means is nested so deep; without a limit brackets alone could fill the memory. */
const MAX_NESTING = 10_000;

/** The lists and objects that are open at some place of a JSON document. */
export class JsonBrackets {
  readonly #open: number[] = [];

  get depth(): number {
    return this.#open.length;
  }

  open(byte: number): void {
    if (this.#open.length === MAX_NESTING)
      throw new FileRejectedError('json_document', `it is nested deeper than ${MAX_NESTING} levels`);
    this.#open.push(byte);
  }

  /** Throws where another bracket is open, or none. */
  close(byte: number): void {
    const opened = this.#open.pop();
    if (opened !== (byte === CLOSE_BRACE ? OPEN_BRACE : OPEN_BRACKET))
      throw new FileRejectedError('json_document', `a "${String.fromCharCode(byte)}" closes what is not open`);
  }
}

/** Whether a byte ends a list or an object. */
export function isClosing(byte: number): boolean {
  return byte === CLOSE_BRACKET || byte === CLOSE_BRACE;
}

/** Tells where a text ends that may begin in one piece of a document and end in another. */
export class JsonText {
  isOpen = false;
  #isEscaped = false;

  /** The place after the text's closing quote, or the piece's length where it goes on; `at` is within it. */
  skip(bytes: Buffer, at: number): number {
    let escaped = this.#isEscaped;
    let next = at;
    for (; next < bytes.length; next += 1) {
      const byte = bytes[next];
      if (escaped) escaped = false;
      else if (byte === BACKSLASH) escaped = true;
      else if (byte === QUOTE) {
        this.isOpen = false;
        next += 1;
        break;
      }
    }
    this.#isEscaped = escaped;
    return next;
  }
}
