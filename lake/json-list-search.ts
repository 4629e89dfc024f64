import { FileRejectedError } from './file-rejected-error.ts';
import { COLON, COMMA, isClosing, JsonBrackets, JsonText, OPEN_BRACE, OPEN_BRACKET, QUOTE } from './json-brackets.ts';

const LETTER_N = 0x6e;
/** A name is cut where pieces of the document end, which are not small. */
const MAX_NAME_PIECES = 8;

/**
 * Goes through a JSON document up to the list that is named, and from behind that list to the document's end. `null` in
 * the place of the list is a list without elements.
 */
export class JsonListSearch {
  /** How often the list was there. */
  found = 0;
  /** The next byte belongs to the list's elements. Whoever took the list takes this back. */
  isAtList = false;
  /** The document has ended. */
  isDone = false;

  readonly #path: readonly string[];
  readonly #brackets = new JsonBrackets();
  readonly #text = new JsonText();
  /** How many names of the path lead to the object that is open: only its own names are looked at. */
  #matched = 0;
  /** A name of that object, as far as it came; undefined where no name is being read. */
  #name: Buffer[] | undefined;
  /** The names up to here are the path's, and the value comes next. */
  #isNamed = false;
  /** In that object a name comes next, and no value. */
  #isNameNext = false;

  /** `path` is empty where the document itself is the list. */
  constructor(path: readonly string[]) {
    this.#path = path;
    this.#isNamed = path.length === 0;
  }

  /** Takes a piece of the document from `from` on; returns the place behind what was taken. */
  take(chunk: Buffer, from: number): number {
    for (let at = from; at < chunk.length; at += 1) {
      if (this.#text.isOpen) {
        const end = this.#text.skip(chunk, at);
        this.#keepName(chunk.subarray(at, end));
        if (!this.#text.isOpen) this.#endName();
        at = end - 1;
        continue;
      }
      const byte = chunk[at]!;
      if (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) continue;
      if (this.isDone) throw reject('more follows after its document');
      if (this.#brackets.depth === 0) this.#beginRoot(byte);
      if (this.#isNamed && byte !== COLON && this.#takeNamed(byte)) return at + 1;
      this.#takeToken(byte);
    }
    return chunk.length;
  }

  #beginRoot(byte: number): void {
    const isRoot = this.#path.length === 0 ? byte === OPEN_BRACKET : byte === OPEN_BRACE;
    if (!isRoot) throw reject(`it is no JSON ${this.#path.length === 0 ? 'list' : 'object'}`);
  }

  /** The value that the path leads to, or leads through; true where the list begins. */
  #takeNamed(byte: number): boolean {
    this.#isNamed = false;
    if (this.#matched < this.#path.length - 1) {
      if (byte === OPEN_BRACE) this.#matched += 1;
      return false;
    }
    this.found += 1;
    if (this.found > 1) throw reject(`the name "${this.#path.join('.')}" is there twice`);
    if (byte === LETTER_N) return false;
    if (byte !== OPEN_BRACKET) throw reject(`what it has at "${this.#path.join('.')}" is no list`);
    this.isAtList = true;
    // Its closing bracket is taken with its elements.
    this.isDone = this.#brackets.depth === 0;
    return true;
  }

  #takeToken(byte: number): void {
    const isOnPath = this.#brackets.depth === this.#matched + 1;
    if (byte === QUOTE) {
      this.#text.isOpen = true;
      this.#name = isOnPath && this.#isNameNext ? [] : undefined;
    } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      this.#brackets.open(byte);
      if (byte === OPEN_BRACE && this.#brackets.depth === this.#matched + 1) this.#isNameNext = true;
    } else if (isClosing(byte)) {
      if (isOnPath && this.#matched > 0) this.#matched -= 1;
      this.#brackets.close(byte);
      this.isDone = this.#brackets.depth === 0;
    } else if (isOnPath && byte === COMMA) {
      this.#isNameNext = true;
    } else if (isOnPath && byte === COLON) {
      this.#isNameNext = false;
    }
  }

  #keepName(piece: Buffer): void {
    this.#name?.push(piece);
    // So long a name is none that was asked for.
    if (this.#name && this.#name.length > MAX_NAME_PIECES) this.#name = undefined;
  }

  #endName(): void {
    if (!this.#name) return;
    const name = readName(Buffer.concat(this.#name));
    this.#name = undefined;
    this.#isNamed = name === this.#path[this.#matched];
  }
}

/** The bytes of a name with its closing quote; undefined where they are none. */
function readName(bytes: Buffer): string | undefined {
  try {
    return JSON.parse(`"${bytes.toString('utf8')}`) as string;
  } catch {
    return undefined;
  }
}

function reject(detail: string): FileRejectedError {
  return new FileRejectedError('json_document', detail);
}
