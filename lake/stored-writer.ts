import { createHash } from 'node:crypto';
import type { StoredObject } from '../model/source-object.ts';
import type { Lake } from './open-lake.ts';
import { Spool } from './spool.ts';
import type { Sink } from './spool.ts';
import { uploadStored } from './upload-stored.ts';

export interface StoredWriterOptions {
  /** Ends in `/`. */
  readonly prefix: string;
  /** Begins with a dot: `.jsonl.gz`. */
  readonly suffix: string;
  readonly signal?: AbortSignal | undefined;
}

/** An object of the lake while it is written. Its name is known at its end: it is the digest of its bytes. */
export interface StoredWriter extends Sink {
  /** Puts what was written under `<prefix><sha256><suffix>`. Call it once, when all is written. */
  put(): Promise<StoredObject>;
  /** Gives memory and disk back. Safe to call twice, and after `put`. */
  dispose(): Promise<void>;
}

/** Begins an object; nothing of it is in the lake before `put`. Chunks are kept: do not change them afterwards. */
export function openStoredWriter(lake: Lake, { prefix, suffix, signal }: StoredWriterOptions): StoredWriter {
  const spool = new Spool();
  const sha256 = createHash('sha256');
  return {
    async write(chunk) {
      signal?.throwIfAborted();
      sha256.update(chunk);
      await spool.write(chunk);
    },
    async put() {
      const digest = sha256.digest('hex');
      const object = { key: `${prefix}${digest}${suffix}`, size: spool.size, digest };
      await uploadStored(lake, object, spool, signal);
      return object;
    },
    dispose: () => spool.dispose(),
  };
}
