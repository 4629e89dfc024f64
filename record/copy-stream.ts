import { RowBuffer } from './row-buffer.ts';

/** `PGCOPY\n\377\r\n\0`, no flags, no extension. */
const HEADER = Buffer.from('5047434f50590aff0d0a000000000000000000', 'hex');
const TRAILER = -1;

/** The rows of one table in the format of COPY BINARY, handed over in chunks of whole rows. */
export class CopyStream {
  /** Where the fields of the row that was begun are written. */
  readonly row = new RowBuffer();
  #kept = 0;

  constructor() {
    this.restart();
  }

  /** Begins a COPY of its own, after `finish` handed over the one before. */
  restart(): void {
    this.row.append(HEADER, 0, HEADER.length);
    this.#kept = this.row.length;
  }

  /** Begins a row, in place of one that was begun but not kept. */
  begin(fields: number): void {
    this.row.length = this.#kept;
    this.row.writeInt16(fields);
  }

  /** Keeps the row that was begun last; all of its fields are written. */
  keep(): void {
    this.#kept = this.row.length;
  }

  /** Takes away what was kept since `size` was this, and nothing has been taken since. */
  rewind(size: number): void {
    this.row.length = size;
    this.#kept = size;
  }

  /** How many bytes are kept and not taken. */
  get size(): number {
    return this.#kept;
  }

  /** Hands over what was kept since the last time; the first chunk begins with the header. */
  take(): Buffer {
    this.row.length = this.#kept;
    this.#kept = 0;
    return this.row.take();
  }

  /** Hands over the last chunk, with the trailer. Nothing may be written after it but a COPY that is begun anew. */
  finish(): Buffer {
    this.row.length = this.#kept;
    this.row.writeInt16(TRAILER);
    this.#kept = 0;
    return this.row.take();
  }
}
