import { createHash } from 'node:crypto';
import type { StoredObject } from '../model/source-object.ts';
import { encodeBundleHead } from './bundle-format.ts';
import type { BundleHead } from './bundle-format.ts';
import type { StoredContent } from './upload-stored.ts';
import type { TemporaryFile } from './temporary-file.ts';

/** The whole files of a merged object on this process' disk. They are the bundle's: it gives them back. */
export class Bundle implements StoredContent, AsyncDisposable {
  readonly head: BundleHead;
  /** In the head's order. */
  readonly files: readonly TemporaryFile[];
  readonly #headBytes: Buffer;

  constructor(head: BundleHead, files: readonly TemporaryFile[]) {
    this.head = head;
    this.files = files;
    this.#headBytes = encodeBundleHead(head);
  }

  get size(): number {
    return this.files.reduce((sum, { size }) => sum + size, this.#headBytes.length);
  }

  /** The sha256 of what stands on the disk now. */
  async digest(signal?: AbortSignal): Promise<string> {
    const sha256 = createHash('sha256').update(this.#headBytes);
    for (const file of this.files) {
      signal?.throwIfAborted();
      await file.digestInto(sha256);
    }
    return sha256.digest('hex');
  }

  /** True where it is the object, byte for byte. */
  async is({ size, digest }: StoredObject, signal?: AbortSignal): Promise<boolean> {
    return this.size === size && (await this.digest(signal)) === digest;
  }

  /** The files are read where they lie: no copy of them is made. */
  async *read(): AsyncGenerator<Buffer> {
    yield this.#headBytes;
    for (const file of this.files) yield* file.read();
  }

  async readAt(position: number, length: number): Promise<Buffer> {
    const bytes = Buffer.allocUnsafe(length);
    let filled = this.#headBytes.subarray(position).copy(bytes);
    let begin = this.#headBytes.length;
    for (const file of this.files) {
      const at = Math.max(0, position - begin);
      const wanted = Math.min(length - filled, file.size - at);
      if (wanted > 0) await file.readInto(bytes.subarray(filled, filled + wanted), at);
      filled += Math.max(0, wanted);
      begin += file.size;
    }
    if (filled < length) throw new RangeError(`A bundle of ${this.size} bytes has none at ${position + filled}.`);
    return bytes;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.files.map((file) => file[Symbol.asyncDispose]()));
  }
}
