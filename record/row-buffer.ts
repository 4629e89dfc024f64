const INITIAL_BYTES = 65_536;
/** Twice the largest chunk. One that had to be larger is an exception, and must not make all later ones as large. */
const MAX_FRESH_BYTES = 2_097_152;

/** Bytes that grow at their end. Everything multi-byte is big-endian, as Postgres wants it. */
export class RowBuffer {
  #bytes: Buffer;
  /** How many bytes are written; setting it back takes the last ones away. */
  length = 0;

  constructor(initialBytes: number = INITIAL_BYTES) {
    this.#bytes = Buffer.allocUnsafeSlow(initialBytes);
  }

  /** Where the bytes are written, valid until the next `reserve` or `take`. */
  get bytes(): Buffer {
    return this.#bytes;
  }

  /** Makes room for `size` more bytes; gives where they are written. Whoever writes them adds to `length`. */
  reserve(size: number): Buffer {
    const needed = this.length + size;
    if (needed > this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#bytes.length * 2));
      this.#bytes.copy(larger, 0, 0, this.length);
      this.#bytes = larger;
    }
    return this.#bytes;
  }

  writeInt16(value: number): void {
    const bytes = this.reserve(2);
    bytes[this.length] = value >> 8;
    bytes[this.length + 1] = value;
    this.length += 2;
  }

  writeInt32(value: number): void {
    writeInt32At(this.reserve(4), this.length, value);
    this.length += 4;
  }

  /** A safe integer as 8 bytes in two's complement. */
  writeInt64(value: number): void {
    const bytes = this.reserve(8);
    const high = Math.floor(value / 4_294_967_296);
    writeInt32At(bytes, this.length, high);
    writeInt32At(bytes, this.length + 4, value - high * 4_294_967_296);
    this.length += 8;
  }

  append(source: Uint8Array, start: number, end: number): void {
    const bytes = this.reserve(end - start);
    for (let from = start, to = this.length; from < end; from += 1, to += 1) bytes[to] = source[from]!;
    this.length += end - start;
  }

  /** Hands over all that is written; the buffer goes on empty, with memory of its own. */
  take(): Buffer {
    const taken = this.#bytes.subarray(0, this.length);
    this.#bytes = Buffer.allocUnsafeSlow(Math.min(this.#bytes.length, MAX_FRESH_BYTES));
    this.length = 0;
    return taken;
  }
}

/** Writes the low 32 bits of a number of any size. */
export function writeInt32At(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}
