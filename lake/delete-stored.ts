import { DeleteObjectCommand, HeadObjectCommand, S3ServiceException } from '@aws-sdk/client-s3';
import { explainS3Error } from './explain-s3-error.ts';
import { listVersionsOf } from './list-kept.ts';
import type { Lake } from './open-lake.ts';

/** A listing shows a thousand versions; an object of ours is put a few times. */
const MAX_LISTINGS = 100;

/**
 * Takes an object out of the lake for good: where the bucket keeps versions, all of them with the marks of earlier
 * deletions. Safe to repeat, also for what was never there: it leaves no new mark.
 */
export async function deleteStored(lake: Lake, key: string, signal?: AbortSignal): Promise<void> {
  for (let listing = 0; listing < MAX_LISTINGS; listing += 1) {
    const versions = (await listVersionsOf(lake, key, signal)) ?? [];
    if (versions.length === 0) break;
    for (const version of versions) await deleteVersion(lake, key, version, signal);
  }
  // A server may know no versions, or list none of a bucket that keeps none.
  if (await isThere(lake, key, signal)) await deleteVersion(lake, key, undefined, signal);
}

async function deleteVersion(
  lake: Lake,
  key: string,
  version: string | undefined,
  signal: AbortSignal | undefined,
): Promise<void> {
  const versioned = version === undefined ? {} : { VersionId: version };
  const command = new DeleteObjectCommand({ Bucket: lake.bucket, Key: key, ...versioned });
  try {
    await lake.s3.send(command, signal === undefined ? {} : { abortSignal: signal });
  } catch (error) {
    throw explainS3Error(lake, { bucket: lake.bucket, role: 'lake' }, error);
  }
}

async function isThere(lake: Lake, key: string, signal: AbortSignal | undefined): Promise<boolean> {
  const command = new HeadObjectCommand({ Bucket: lake.bucket, Key: key });
  try {
    await lake.s3.send(command, signal === undefined ? {} : { abortSignal: signal });
    return true;
  } catch (error) {
    if (error instanceof S3ServiceException && error.$metadata.httpStatusCode === 404) return false;
    throw explainS3Error(lake, { bucket: lake.bucket, role: 'lake' }, error);
  }
}
