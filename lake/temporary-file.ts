import { randomUUID } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { open, unlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Sink } from './spool.ts';

const READ_BYTES = 1024 * 1024;
/** Chunks of a connection are small: so much of them is written together, while the next ones come. */
const WRITE_BYTES = 1024 * 1024;

/**
 * A file on disk without a name, so that nothing is left of it even when the process is killed. Other code of this
 * process, DuckDB's too, opens it by `path`.
 */
export class TemporaryFile implements Sink, AsyncDisposable {
  readonly #handle: FileHandle;
  #size = 0;
  /** Not handed to the disk yet. */
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  /** What is handed to it; fails with what the disk says. */
  #writing: Promise<void> = Promise.resolve();

  private constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  static async create(): Promise<TemporaryFile> {
    const path = join(tmpdir(), `hourloom-${randomUUID()}`);
    const handle = await open(path, 'wx+', 0o600);
    await unlink(path);
    return new TemporaryFile(handle);
  }

  get size(): number {
    return this.#size;
  }

  /**
   * Where it can be opened, when all that was written is there: on Linux and macOS alike an open file can be opened once
   * more by its number.
   */
  async path(): Promise<string> {
    await this.#writeOut();
    return `/dev/fd/${this.#handle.fd}`;
  }

  /** Appends. Keeps the chunk itself for a while, not a copy. */
  async write(chunk: Uint8Array): Promise<void> {
    this.#waiting.push(chunk);
    this.#waitingBytes += chunk.length;
    this.#size += chunk.length;
    if (this.#waitingBytes < WRITE_BYTES) return;
    await this.#writing;
    this.#writing = this.#writeWaiting();
    // Met by the next call, or by whoever reads.
    this.#writing.catch(() => undefined);
  }

  /** Throws away what was written. */
  async clear(): Promise<void> {
    await this.#writeOut();
    await this.#handle.truncate(0);
    this.#size = 0;
  }

  /** Some of its bytes; fewer where it ends before. */
  async readAt(position: number, length: number): Promise<Buffer> {
    await this.#writeOut();
    const { buffer, bytesRead } = await this.#handle.read(Buffer.alloc(length), 0, length, position);
    return buffer.subarray(0, bytesRead);
  }

  /** Fills the buffer with its bytes from there on; there must be so many. */
  async readInto(buffer: Buffer, position: number): Promise<void> {
    await this.#writeOut();
    for (let filled = 0; filled < buffer.length;)
      filled += (await this.#readSome(buffer.subarray(filled), position + filled)).length;
  }

  /** All that was written, in order. */
  async *read(): AsyncGenerator<Buffer> {
    await this.#writeOut();
    for (let at = 0; at < this.#size;) {
      const piece = await this.#readSome(Buffer.allocUnsafe(Math.min(READ_BYTES, this.#size - at)), at);
      yield piece;
      at += piece.length;
    }
  }

  /** Adds all that was written to a digest. One buffer serves for all of it: large ones keep the collector busy. */
  async digestInto(hash: Hash): Promise<void> {
    await this.#writeOut();
    const buffer = Buffer.allocUnsafe(READ_BYTES);
    for (let at = 0; at < this.#size;) {
      const piece = await this.#readSome(buffer, at);
      hash.update(piece);
      at += piece.length;
    }
  }

  async #readSome(buffer: Buffer, at: number): Promise<Buffer> {
    const { bytesRead } = await this.#handle.read(buffer, 0, buffer.length, at);
    if (bytesRead > 0) return buffer.subarray(0, bytesRead);
    throw new Error(`A temporary file ended at byte ${at} of ${this.#size}. Check the disk, then run again.`);
  }

  async #writeOut(): Promise<void> {
    await this.#writing;
    if (this.#waiting.length > 0) await this.#writeWaiting();
  }

  async #writeWaiting(): Promise<void> {
    const chunks = this.#waiting;
    let at = this.#size - this.#waitingBytes;
    this.#waiting = [];
    this.#waitingBytes = 0;
    const { bytesWritten } = await this.#handle.writev(chunks, at);
    // A disk may take a part only, which it seldom does: what is missing goes chunk by chunk.
    let written = bytesWritten;
    for (const chunk of chunks) {
      for (let done = Math.min(written, chunk.length); done < chunk.length;) {
        done += (await this.#handle.write(chunk, done, chunk.length - done, at + done)).bytesWritten;
      }
      written = Math.max(0, written - chunk.length);
      at += chunk.length;
    }
  }

  /** Gives the disk back. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writing.catch(() => undefined);
    await this.#handle.close();
  }
}
