/** Cuts a stream of UTF-8 between characters, so that each piece can be looked at by itself. */
export class Utf8Boundary {
  #rest: Buffer = Buffer.alloc(0);

  /** True where what came so far ends within a character. */
  get isOpen(): boolean {
    return this.#rest.length > 0;
  }

  /** The bytes up to the last whole character; the others wait for the next piece. */
  take(chunk: Buffer): Buffer {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const end = bytes.length - countOpenBytes(bytes);
    this.#rest = bytes.subarray(end);
    return bytes.subarray(0, end);
  }
}

/** How many bytes at the end begin a character that does not end there. */
function countOpenBytes(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back]!;
    if ((byte & 0xc0) === 0x80) continue;
    const size = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return size > back ? back : 0;
  }
  return 0;
}
