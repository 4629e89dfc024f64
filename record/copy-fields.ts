/** `PGCOPY\n\377\r\n\0`, flags and extension: so many bytes stand before the first row. */
const HEADER_BYTES = 19;
const TRAILER = -1;

/** The size that says a field is null. */
export const NULL_SIZE = -1;

/** Where the fields of one row stand in its chunk: column by column the first byte, and the size. */
export interface FieldPlaces {
  readonly starts: Int32Array;
  /** `NULL_SIZE` where the field is null. */
  readonly sizes: Int32Array;
}

/** Whether the first chunk of a COPY is all of it, and has no rows. */
export function isEmptyCopy(firstChunk: Buffer): boolean {
  return firstChunk.length === HEADER_BYTES + 2 && firstChunk.readInt16BE(HEADER_BYTES) === TRAILER;
}

/**
 * Finds the fields of rows in chunks of COPY BINARY, as `CopyStream` hands them over: whole rows, in their order. What
 * they hold is for `record/decode-copy.ts` and `lake/parquet-column.ts` to say.
 */
export class CopyFields {
  readonly #places: FieldPlaces;
  #begun = false;

  constructor(columns: number) {
    this.#places = { starts: new Int32Array(columns), sizes: new Int32Array(columns) };
  }

  /** Gives the places of each row of the next chunk; they are the same object, whose numbers change. */
  *read(chunk: Buffer): Generator<FieldPlaces, void, undefined> {
    const { starts, sizes } = this.#places;
    let at = this.#begun ? 0 : HEADER_BYTES;
    this.#begun = true;
    while (at < chunk.length) {
      const fields = chunk.readInt16BE(at);
      at += 2;
      if (fields === TRAILER) return;
      for (let column = 0; column < starts.length; column += 1) {
        const size = chunk.readInt32BE(at);
        at += 4;
        starts[column] = at;
        sizes[column] = size;
        at += Math.max(size, 0);
      }
      yield this.#places;
    }
  }
}
