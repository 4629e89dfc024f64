import { isUtf8 } from 'node:buffer';
import type { LineBytes } from './decode-line.ts';
import { findArrayElements, firstNonBlank } from './find-array-elements.ts';
import { quarantined } from './quarantined.ts';
import type { Quarantined } from './quarantined.ts';
import type { FileSegment } from './segment.ts';

/** A longer line is held back without ever being held whole. */
export const MAX_LINE_BYTES = 1_048_576;

/** A file that is one JSON array must be held whole to be known as one; a larger one is held back. */
export const MAX_DOCUMENT_BYTES = 67_108_864;

/** Where a record stands: its source object's key, and its line's number there, counted from 1. */
export interface RecordPosition {
  readonly sourceKey: string;
  /** In a file that is one JSON array, the number of the element. 0 is the file itself. */
  readonly line: number;
}

export interface LineSinks {
  /** Called for each line that is not blank, in order. */
  line(line: LineBytes, position: RecordPosition): void;
  /** Called for what is too large to be read; `head` is its beginning. */
  tooLarge(misfit: Quarantined, position: RecordPosition, head: Buffer): void;
}

/** The file whose segments are coming in, and what is kept of it from one to the next. */
interface OpenFile {
  readonly source: string;
  /** The number of the line that comes next, or is being collected. */
  line: number;
  /** Only blanks so far, so that it can be either; lines; one JSON array; or a rest that nobody wants. */
  mode: 'blank' | 'lines' | 'document' | 'skip';
  /** What came of an unfinished line, or of the document. */
  pieces: Buffer[];
  /** The size of the unfinished line or document, also of what is no longer held. */
  size: number;
}

export interface SplitOptions {
  /** A file may be one JSON array instead. Not so where it was rewritten as lines. */
  readonly arrays: boolean;
}

const HEAD_BYTES = 8_192;
const NEWLINE = 0x0a;
const RETURN = 0x0d;
const OPEN_BRACKET = 0x5b;

/**
 * Cuts files into lines. A file comes in pieces, and a line may begin in one and end in another. `\n` and `\r\n` end a
 * line; a lone `\r` does not. Blank lines are numbered but not given on. A file that is one JSON array gives its elements
 * instead. Nothing larger than `MAX_LINE_BYTES` (or `MAX_DOCUMENT_BYTES` for an array) is held.
 */
export class LineSplitter {
  readonly #sinks: LineSinks;
  readonly #arrays: boolean;
  #file: OpenFile | undefined;

  constructor(sinks: LineSinks, { arrays }: SplitOptions = { arrays: true }) {
    this.#sinks = sinks;
    this.#arrays = arrays;
  }

  /** Takes the next piece of the current file, or the first of another; the lines that end in it go to the sinks. */
  push({ source, line, last, bytes }: FileSegment): void {
    const file = this.#file ?? { source, line, mode: 'blank', pieces: [], size: 0 };
    if (file.source !== source) throw new Error(`A piece of "${source}" came before the last one of "${file.source}".`);
    if (file.mode === 'blank') file.mode = this.#arrays ? chooseMode(bytes) : 'lines';
    if (file.mode === 'document') this.#collectDocument(file, bytes);
    else if (file.mode !== 'skip') this.#splitPiece(file, bytes);
    if (last) this.#closeFile(file);
    this.#file = last ? undefined : file;
  }

  /** Says that nothing more comes; throws where a file lacks its last piece. */
  finish(): void {
    if (this.#file) throw new Error(`The last piece of "${this.#file.source}" did not come.`);
  }

  #splitPiece(file: OpenFile, bytes: Buffer): void {
    const areUtf8 = isUtf8(bytes);
    let start = 0;
    for (;;) {
      const end = bytes.indexOf(NEWLINE, start);
      if (end === -1) break;
      if (file.size > 0) this.#finishLine(file, bytes.subarray(start, end), false);
      else this.#give(file, { bytes, start, end, isUtf8: areUtf8, isTail: false });
      file.line += 1;
      start = end + 1;
    }
    keepPiece(file, bytes.subarray(start), MAX_LINE_BYTES);
  }

  /** The end of a line whose beginning came in earlier pieces. */
  #finishLine(file: OpenFile, rest: Buffer, isTail: boolean): void {
    keepPiece(file, rest, MAX_LINE_BYTES);
    const bytes = Buffer.concat(file.pieces);
    if (file.size > MAX_LINE_BYTES) this.#giveTooLong(file, bytes, file.size);
    else this.#give(file, { bytes, start: 0, end: bytes.length, isUtf8: false, isTail });
    file.pieces = [];
    file.size = 0;
  }

  #give(file: OpenFile, line: LineBytes): void {
    const { bytes, start, isUtf8: isKnownUtf8, isTail } = line;
    const end = line.end > start && bytes[line.end - 1] === RETURN ? line.end - 1 : line.end;
    if (firstNonBlank(bytes, start, end) === end) return;
    if (end - start > MAX_LINE_BYTES) this.#giveTooLong(file, bytes.subarray(start, end), end - start);
    else
      this.#sinks.line({ bytes, start, end, isUtf8: isKnownUtf8, isTail }, { sourceKey: file.source, line: file.line });
  }

  #giveTooLong(file: OpenFile, bytes: Buffer, size: number): void {
    const misfit = quarantined('line_too_long', `${size} bytes; a line can have ${MAX_LINE_BYTES}`);
    this.#sinks.tooLarge(misfit, { sourceKey: file.source, line: file.line }, bytes.subarray(0, HEAD_BYTES));
  }

  #collectDocument(file: OpenFile, bytes: Buffer): void {
    keepPiece(file, bytes, MAX_DOCUMENT_BYTES);
    if (file.size <= MAX_DOCUMENT_BYTES) return;
    const misfit = quarantined(
      'document_too_large',
      `a file that begins as an array can have ${MAX_DOCUMENT_BYTES} bytes`,
    );
    this.#sinks.tooLarge(misfit, { sourceKey: file.source, line: file.line }, Buffer.concat(file.pieces));
    file.pieces = [];
    file.mode = 'skip';
  }

  #closeFile(file: OpenFile): void {
    if (file.mode === 'document') this.#giveDocument(file);
    if (file.mode === 'lines' && file.size > 0) this.#finishLine(file, Buffer.alloc(0), true);
  }

  #giveDocument(file: OpenFile): void {
    const bytes = Buffer.concat(file.pieces);
    file.pieces = [];
    file.size = 0;
    const elements = findArrayElements(bytes);
    if (!elements) {
      file.mode = 'lines';
      this.#splitPiece(file, bytes);
      return;
    }
    const areUtf8 = isUtf8(bytes);
    for (const [index, { start, end }] of elements.entries()) {
      file.line = index + 1;
      // An element is ended by a comma or bracket, never by the file; an empty one is given on to be held back.
      const line: LineBytes = { bytes, start, end, isUtf8: areUtf8, isTail: false };
      if (end - start > MAX_LINE_BYTES) this.#giveTooLong(file, bytes.subarray(start, end), end - start);
      else this.#sinks.line(line, { sourceKey: file.source, line: file.line });
    }
  }
}

function chooseMode(bytes: Buffer): OpenFile['mode'] {
  const first = bytes[firstNonBlank(bytes, 0)];
  if (first === undefined) return 'blank';
  return first === OPEN_BRACKET ? 'document' : 'lines';
}

/** Keeps a piece of what is not finished, or only the beginning of it all once it is larger than the limit. */
function keepPiece(file: OpenFile, bytes: Buffer, limit: number): void {
  if (bytes.length === 0) return;
  const wasWithin = file.size <= limit;
  file.size += bytes.length;
  if (file.size <= limit) file.pieces.push(bytes);
  else if (wasWithin) file.pieces = [Buffer.concat([...file.pieces, bytes], HEAD_BYTES)];
}
