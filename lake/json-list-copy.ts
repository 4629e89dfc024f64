import { FileRejectedError } from './file-rejected-error.ts';
import { COMMA, isClosing, JsonBrackets, JsonText, OPEN_BRACE, OPEN_BRACKET, QUOTE } from './json-brackets.ts';

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const SPACE = 0x20;
const TAB = 0x09;
/** No text of JSON may hold it, as none may hold a line break. */
const VERTICAL_TAB = 0x0b;

/** What a piece of a list came to. */
export interface CopiedPiece {
  /** The place behind what was taken. */
  readonly end: number;
  readonly lines: Buffer;
  /** The list ended here. */
  readonly isDone: boolean;
}

/**
 * Copies the elements of one list as lines, as they are written: whether each is JSON is told when it is decoded. A
 * line break between tokens becomes a space; one within a text, where none may be, another character that may not be
 * there either, so that the element stays one line and is held back.
 */
export class JsonListCopy {
  readonly #brackets = new JsonBrackets();
  readonly #text = new JsonText();
  #elements = 0;
  #isInElement = false;

  /** Takes a piece of the document from `from` on, which is behind the list's opening bracket. */
  take(chunk: Buffer, from: number): CopiedPiece {
    const lines = Buffer.from(chunk.subarray(from));
    // Blanks before the first element are nobody's.
    let begin = this.#elements === 0 && !this.#isInElement ? -1 : 0;
    for (let at = 0; at < lines.length; at += 1) {
      if (this.#text.isOpen) {
        const end = this.#text.skip(lines, at);
        for (let inside = at; inside < end; inside += 1) {
          if (lines[inside] === NEWLINE || lines[inside] === RETURN) lines[inside] = VERTICAL_TAB;
        }
        at = end - 1;
        continue;
      }
      const byte = lines[at]!;
      if (byte === SPACE || byte === TAB) continue;
      if (byte === NEWLINE || byte === RETURN) {
        lines[at] = SPACE;
      } else if (byte === COMMA && this.#brackets.depth === 0) {
        this.#endElement();
        lines[at] = NEWLINE;
      } else if (isClosing(byte) && this.#brackets.depth === 0) {
        this.#endList(byte);
        lines[at] = NEWLINE;
        return {
          end: from + at + 1,
          lines: begin < 0 ? lines.subarray(0, 0) : lines.subarray(begin, at + 1),
          isDone: true,
        };
      } else {
        if (begin < 0) begin = at;
        this.#isInElement = true;
        if (byte === QUOTE) this.#text.isOpen = true;
        else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) this.#brackets.open(byte);
        else if (isClosing(byte)) this.#brackets.close(byte);
      }
    }
    return { end: chunk.length, lines: begin < 0 ? lines.subarray(0, 0) : lines.subarray(begin), isDone: false };
  }

  #endElement(): void {
    if (!this.#isInElement)
      throw new FileRejectedError(
        'json_document',
        `nothing stands where element ${this.#elements + 1} of its list should`,
      );
    this.#elements += 1;
    this.#isInElement = false;
  }

  #endList(byte: number): void {
    if (byte !== 0x5d) throw new FileRejectedError('json_document', 'its list ends with "}"');
    if (this.#elements > 0 || this.#isInElement) this.#endElement();
  }
}
