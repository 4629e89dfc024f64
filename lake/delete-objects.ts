import { DeleteObjectsCommand } from '@aws-sdk/client-s3';
import { StorageUnreachableError } from './errors.ts';
import { explainS3Error } from './explain-s3-error.ts';
import type { Lake } from './open-lake.ts';

/** S3 takes no more in one request. */
const MAX_KEYS = 1_000;

/** Deletes objects of the lake, at most 1,000 at once. One that is not there is none that failed. */
export async function deleteObjects(lake: Lake, keys: readonly string[]): Promise<void> {
  if (keys.length === 0) return;
  if (keys.length > MAX_KEYS) throw new RangeError(`${keys.length} objects are more than one request deletes.`);
  const command = new DeleteObjectsCommand({
    Bucket: lake.bucket,
    Delete: { Quiet: true, Objects: keys.map((Key) => ({ Key })) },
    ChecksumAlgorithm: 'CRC32',
  });
  const { Errors = [] } = await lake.s3.send(command).catch((error: unknown) => {
    throw explainS3Error(lake, { bucket: lake.bucket, role: 'lake' }, error);
  });
  const [first] = Errors;
  if (first) {
    throw new StorageUnreachableError(
      lake.at,
      `${Errors.length} of ${keys.length} objects were not deleted, the first "${first.Key}": ${first.Message ?? first.Code}`,
    );
  }
}
