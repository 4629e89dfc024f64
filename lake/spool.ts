import { randomUUID } from 'node:crypto';
import { open, unlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A spool holds this much in memory before it goes on in a file. */
const MEMORY_BYTES = 8 * 1024 * 1024;
const READ_BYTES = 1024 * 1024;

/** Where bytes go, one after the other; resolves when there is room for more. */
export interface Sink {
  write(chunk: Uint8Array): Promise<void>;
}

/**
 * Bytes that are kept until it is known what to do with them: in memory while they are few, else in a temporary file.
 * The file has no name from its first moment on, so that nothing is left of it even when the process is killed.
 */
export class Spool implements Sink {
  readonly #chunks: Uint8Array[] = [];
  #file: FileHandle | undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Keeps the chunk itself, not a copy. */
  async write(chunk: Uint8Array): Promise<void> {
    if (this.#file === undefined && this.#size + chunk.length <= MEMORY_BYTES) {
      this.#chunks.push(chunk);
    } else {
      this.#file ??= await this.#moveToFile();
      await writeWhole(this.#file, chunk, this.#size);
    }
    this.#size += chunk.length;
  }

  /** All that was written, in order. Can be read more than once. */
  async *read(): AsyncGenerator<Buffer> {
    if (this.#file === undefined) {
      for (const chunk of this.#chunks) yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      return;
    }
    for (let at = 0; at < this.#size;) {
      const { bytesRead, buffer } = await this.#file.read(Buffer.allocUnsafe(READ_BYTES), 0, READ_BYTES, at);
      if (bytesRead === 0) throw ended(at, this.#size);
      yield buffer.subarray(0, bytesRead);
      at += bytesRead;
    }
  }

  /** Exactly so many of its bytes. */
  async readAt(position: number, length: number): Promise<Buffer> {
    const bytes = Buffer.allocUnsafe(length);
    if (this.#file === undefined) {
      Buffer.concat(this.#chunks).copy(bytes, 0, position, position + length);
      return bytes;
    }
    for (let filled = 0; filled < length;) {
      const { bytesRead } = await this.#file.read(bytes, filled, length - filled, position + filled);
      if (bytesRead === 0) throw ended(position + filled, this.#size);
      filled += bytesRead;
    }
    return bytes;
  }

  /** Gives memory and disk back. Safe to call twice. */
  async dispose(): Promise<void> {
    this.#chunks.length = 0;
    const file = this.#file;
    this.#file = undefined;
    this.#size = 0;
    await file?.close();
  }

  async #moveToFile(): Promise<FileHandle> {
    const path = join(tmpdir(), `hourloom-${randomUUID()}`);
    const file = await open(path, 'wx+', 0o600);
    await unlink(path);
    let at = 0;
    for (const chunk of this.#chunks) {
      await writeWhole(file, chunk, at);
      at += chunk.length;
    }
    this.#chunks.length = 0;
    return file;
  }
}

function ended(at: number, size: number): Error {
  return new Error(`A temporary file ended at byte ${at} of ${size}. Check the disk, then run again.`);
}

async function writeWhole(file: FileHandle, chunk: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < chunk.length;) {
    const { bytesWritten } = await file.write(chunk, done, chunk.length - done, position + done);
    done += bytesWritten;
  }
}
