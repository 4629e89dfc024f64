import type { StoredObject } from '../model/source-object.ts';
import type { Lake } from './open-lake.ts';
import { StorageUnreachableError } from './errors.ts';
import { readEtag } from './request-object.ts';
import { retryOutages } from './retry-outages.ts';
import { mayBeEtagOf, sendBytes } from './send-bytes.ts';

/**
 * Puts a small object in one request, and makes sure that all of it is there: the request's signature holds the
 * digest, so the server refuses other bytes, and the etag of its answer is their MD5 wherever it is one. An hour puts
 * several objects of a few hundred bytes: through the AWS SDK, with a HEAD after each, that was half of its CPU time.
 */
export async function putWhole(
  lake: Lake,
  { key, digest }: StoredObject,
  bytes: Buffer,
  signal: AbortSignal | undefined,
): Promise<void> {
  const use = { bucket: lake.bucket, role: 'lake' } as const;
  await retryOutages(signal, async () => {
    const answer = await sendBytes(lake, { use, key, signal }, { body: { bytes, sha256: digest } });
    const etag = readEtag(answer);
    // A proxy's page can be a 200; only S3 itself knows the etag.
    if (etag === undefined) throw new StorageUnreachableError(lake.at, `putting "${key}" was answered without an etag`);
    if (!mayBeEtagOf(answer, etag, bytes))
      throw new StorageUnreachableError(lake.at, `putting "${key}" was answered with the etag of other bytes`);
  });
}
