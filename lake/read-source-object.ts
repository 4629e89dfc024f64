import { createHash } from 'node:crypto';
import type { SourceObject } from '../model/source-object.ts';
import type { Lake } from './open-lake.ts';
import { SourceChangedError, StorageUnreachableError } from './errors.ts';
import { getObject } from './get-object.ts';
import type { GetAnswer } from './get-object.ts';
import { explainRequestError } from './request-object.ts';
import { retryOutages } from './retry-outages.ts';

/** One version of an object in a source's bucket, and until when it is wanted. */
export interface SourceRead {
  readonly bucket: string;
  readonly object: SourceObject;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads a small object whole: exactly the version that was listed, its size and (where the etag is one) its MD5
 * verified. Throws `SourceChangedError` when it is another version or gone; outages are tried again a few times.
 */
export function readSourceObject(lake: Lake, read: SourceRead): Promise<Buffer> {
  return retryOutages(read.signal, async () => {
    const chunks: Buffer[] = [];
    for await (const chunk of streamSourceObject(lake, read)) chunks.push(chunk);
    const [only] = chunks;
    return only !== undefined && chunks.length === 1 ? only : Buffer.concat(chunks);
  });
}

/**
 * The same as a stream, for objects too large to hold, and without retries. What it yielded counts only when it ends
 * without an error: size and MD5 are known at the end.
 */
export async function* streamSourceObject(lake: Lake, { bucket, object, signal }: SourceRead): AsyncGenerator<Buffer> {
  const answer = await getObject(lake, { use: { bucket, role: 'source' }, key: object.key, etag: object.etag, signal });
  try {
    assertSameVersion(lake, object, answer);
    const md5 = isMd5(object.etag) && !answer.encryptedByKey ? createHash('md5') : undefined;
    let size = 0;
    for await (const chunk of bodyOf(lake, answer, signal)) {
      size += chunk.length;
      if (size > object.size) throw new SourceChangedError(object.key, `more than its ${object.size} bytes came`);
      md5?.update(chunk);
      yield chunk;
    }
    if (size < object.size)
      throw new StorageUnreachableError(lake.at, cut(object, `${size} of ${object.size} bytes came`));
    if (md5 !== undefined && md5.digest('hex') !== object.etag) {
      throw new StorageUnreachableError(lake.at, cut(object, 'the bytes that came do not have its MD5'));
    }
  } finally {
    answer.body.destroy();
  }
}

function assertSameVersion(lake: Lake, object: SourceObject, { status, etag, size }: GetAnswer): void {
  if (status !== 200)
    throw new SourceChangedError(object.key, status === 404 ? 'it is gone' : 'it has another version');
  // A proxy's error page can be a 200; only S3 itself knows the etag.
  if (etag === undefined) throw new StorageUnreachableError(lake.at, cut(object, 'the answer has no etag'));
  if (etag !== object.etag) throw new SourceChangedError(object.key, 'it has another etag');
  if (size !== undefined && size !== object.size)
    throw new SourceChangedError(object.key, `it has ${size} bytes, not ${object.size}`);
}

async function* bodyOf(lake: Lake, { body }: GetAnswer, signal: AbortSignal | undefined): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of body) yield chunk as Buffer;
  } catch (error) {
    throw explainRequestError(lake, error, signal);
  }
}

function isMd5(etag: string): boolean {
  return /^[0-9a-f]{32}$/u.test(etag);
}

function cut({ key }: SourceObject, why: string): string {
  return `reading ${JSON.stringify(key)} failed, ${why}`;
}
