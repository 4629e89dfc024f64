import { randomUUID } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { open, unlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Sink } from './spool.ts';

const READ_BYTES = 1024 * 1024;

/**
 * A file on disk without a name, so that nothing is left of it even when the process is killed. Other code of this
 * process, DuckDB's too, opens it by `path`.
 */
export class TemporaryFile implements Sink, AsyncDisposable {
  readonly #handle: FileHandle;
  #size = 0;

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

  /** On Linux and macOS alike an open file can be opened once more by its number. */
  get path(): string {
    return `/dev/fd/${this.#handle.fd}`;
  }

  /** Appends. */
  async write(chunk: Uint8Array): Promise<void> {
    for (let done = 0; done < chunk.length;) {
      const { bytesWritten } = await this.#handle.write(chunk, done, chunk.length - done, this.#size);
      done += bytesWritten;
      this.#size += bytesWritten;
    }
  }

  /** Throws away what was written. */
  async clear(): Promise<void> {
    await this.#handle.truncate(0);
    this.#size = 0;
  }

  /** Some of its bytes; fewer where it ends before. */
  async readAt(position: number, length: number): Promise<Buffer> {
    const { buffer, bytesRead } = await this.#handle.read(Buffer.alloc(length), 0, length, position);
    return buffer.subarray(0, bytesRead);
  }

  /** All that was written, in order, in pieces of at most so many bytes. */
  async *read(pieceBytes: number = READ_BYTES): AsyncGenerator<Buffer> {
    for (let at = 0; at < this.#size;) {
      const piece = await this.#readInto(Buffer.allocUnsafe(Math.min(pieceBytes, this.#size - at)), at);
      yield piece;
      at += piece.length;
    }
  }

  /** Adds all that was written to a digest. One buffer serves for all of it: large ones keep the collector busy. */
  async digestInto(hash: Hash): Promise<void> {
    const buffer = Buffer.allocUnsafe(READ_BYTES);
    for (let at = 0; at < this.#size;) {
      const piece = await this.#readInto(buffer, at);
      hash.update(piece);
      at += piece.length;
    }
  }

  async #readInto(buffer: Buffer, at: number): Promise<Buffer> {
    const { bytesRead } = await this.#handle.read(buffer, 0, buffer.length, at);
    if (bytesRead > 0) return buffer.subarray(0, bytesRead);
    throw new Error(`A temporary file ended at byte ${at} of ${this.#size}. Check the disk, then run again.`);
  }

  /** Gives the disk back. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle.close();
  }
}
