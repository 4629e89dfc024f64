import { createHash } from 'node:crypto';
import type { StoredObject } from '../model/source-object.ts';
import type { Lake } from './open-lake.ts';
import { StorageUnreachableError, StoredObjectLostError } from './errors.ts';
import { getObject } from './get-object.ts';
import { explainRequestError } from './request-object.ts';
import { retryOutages } from './retry-outages.ts';

/** Until when a stored object is wanted. */
export interface StoredRead {
  /** Where it was deleted and the bucket keeps what it was: see `listKept`. */
  readonly version?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Streams an object of ours. What it yielded counts only when it ends without an error: size and digest are known at
 * the end. `StoredObjectLostError` when it is not there or not what was put; a cut connection is an outage.
 */
export async function* readStored(
  lake: Lake,
  object: StoredObject,
  { version, signal }: StoredRead = {},
): AsyncGenerator<Buffer> {
  const answer = await retryOutages(signal, () =>
    getObject(lake, { use: { bucket: lake.bucket, role: 'lake' }, key: object.key, version, signal }),
  );
  try {
    if (answer.status !== 200) throw new StoredObjectLostError(object.key, 'is not there');
    if (answer.size !== undefined && answer.size !== object.size) throw damaged(object, `${answer.size} bytes`);
    const sha256 = createHash('sha256');
    let size = 0;
    try {
      for await (const chunk of answer.body) {
        size += (chunk as Buffer).length;
        sha256.update(chunk as Buffer);
        yield chunk as Buffer;
      }
    } catch (error) {
      throw explainRequestError(lake, error, signal);
    }
    if (size < object.size)
      throw new StorageUnreachableError(lake.at, `only ${size} of ${object.size} bytes of "${object.key}" came`);
    if (size > object.size) throw damaged(object, `${size} bytes`);
    if (sha256.digest('hex') !== object.digest) throw damaged(object, 'another digest');
  } finally {
    answer.body.destroy();
  }
}

function damaged({ key, size, digest }: StoredObject, found: string): StoredObjectLostError {
  return new StoredObjectLostError(
    key,
    `is damaged: it has ${found} where ${size} bytes with sha256 ${digest} were put`,
  );
}
