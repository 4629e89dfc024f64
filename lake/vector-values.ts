import duckdb from '@duckdb/node-bindings';
import type { Vector } from '@duckdb/node-bindings';

/** DuckDB's own: a vector holds no more values. */
export const VECTOR_ROWS = 2_048;

/** Where values lie as DuckDB's vectors have them: one after the other, in the machine's order of bytes. */
export interface Slots {
  readonly bytes: Uint8Array;
  readonly words: Int32Array;
  readonly view: DataView;
  /** Text that does not fit its slot, by row. */
  readonly long: Map<number, Buffer>;
}

/** Writes a field of COPY BINARY that is not null into the slot of `row`: `size` bytes of `chunk`, from `start` on. */
export type SlotWriter = (slots: Slots, row: number, chunk: Buffer, start: number, size: number) => void;

/**
 * The next values of one column, which go into a vector of DuckDB all at once. Handing them over one by one costs five
 * times as much. A slot that was never written, or for another value before, must not be read: hence `set` for each row.
 */
export class VectorValues {
  readonly #slots: Slots;
  readonly #slotBytes: number;
  readonly #write: SlotWriter;
  /** A bit for each row; 0 is null. */
  readonly #validity = new Uint8Array(VECTOR_ROWS / 8).fill(0xff);
  #hasNull = false;

  constructor(slotBytes: number, write: SlotWriter) {
    const buffer = new ArrayBuffer(VECTOR_ROWS * slotBytes);
    this.#slots = {
      bytes: new Uint8Array(buffer),
      words: new Int32Array(buffer),
      view: new DataView(buffer),
      long: new Map(),
    };
    this.#slotBytes = slotBytes;
    this.#write = write;
  }

  /** The chunk must not change before `moveTo`. */
  set(row: number, chunk: Buffer, start: number, size: number): void {
    this.#write(this.#slots, row, chunk, start, size);
  }

  setNull(row: number): void {
    const slotBytes = this.#slotBytes;
    this.#slots.bytes.fill(0, row * slotBytes, (row + 1) * slotBytes);
    this.#validity[row >> 3]! &= ~(1 << (row & 7));
    this.#hasNull = true;
  }

  /** Puts the first `rows` values into a vector that is empty, and begins anew. */
  moveTo(vector: Vector, rows: number): void {
    const { bytes, long } = this.#slots;
    duckdb.copy_data_to_vector(vector, 0, bytes.buffer as ArrayBuffer, 0, rows * this.#slotBytes);
    for (const [row, text] of long) duckdb.vector_assign_string_element_len(vector, row, text);
    long.clear();
    if (!this.#hasNull) return;
    duckdb.vector_ensure_validity_writable(vector);
    duckdb.copy_data_to_vector_validity(vector, 0, this.#validity.buffer, 0, Math.ceil(rows / 64) * 8);
    this.#validity.fill(0xff);
    this.#hasNull = false;
  }
}
