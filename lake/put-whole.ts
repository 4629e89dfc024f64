import { createHash } from 'node:crypto';
import type { StoredObject } from '../model/source-object.ts';
import type { Lake } from './open-lake.ts';
import { StorageUnreachableError } from './errors.ts';
import { explainS3Failure } from './explain-s3-error.ts';
import { explainRequestError, isEncryptedByKey, readErrorCode, readEtag, requestObject } from './request-object.ts';
import { retryOutages } from './retry-outages.ts';

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
    const answer = await requestObject(lake, { use, key, signal }, { method: 'PUT', body: { bytes, sha256: digest } });
    const status = answer.statusCode;
    if (status !== 200) {
      const code = await readErrorCode(answer);
      throw explainS3Failure(lake, use, { code: code === '' ? `status ${status}` : code, status });
    }
    await answer.body.dump().catch((error: unknown) => {
      throw explainRequestError(lake, error, signal);
    });
    const etag = readEtag(answer);
    // A proxy's page can be a 200; only S3 itself knows the etag.
    if (etag === undefined) throw new StorageUnreachableError(lake.at, `putting "${key}" was answered without an etag`);
    const isMd5 = /^[0-9a-f]{32}$/u.test(etag) && !isEncryptedByKey(answer);
    if (isMd5 && etag !== createHash('md5').update(bytes).digest('hex'))
      throw new StorageUnreachableError(lake.at, `putting "${key}" was answered with the etag of other bytes`);
  });
}
