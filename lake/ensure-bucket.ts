import {
  BucketAlreadyOwnedByYou,
  CreateBucketCommand,
  HeadBucketCommand,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import type { Lake } from './open-lake.ts';
import { explainS3Error } from './explain-s3-error.ts';
import type { BucketUse } from './explain-s3-error.ts';

/** Makes a bucket unless it is there. Two at once are fine. Says whether this call made it. */
export async function ensureBucket(lake: Lake, use: BucketUse): Promise<{ readonly made: boolean }> {
  if (await bucketExists(lake, use)) return { made: false };
  try {
    await lake.s3.send(new CreateBucketCommand({ Bucket: use.bucket }));
    return { made: true };
  } catch (error) {
    if (error instanceof BucketAlreadyOwnedByYou) return { made: false };
    throw explainS3Error(lake, use, error);
  }
}

/** Whether a bucket is there and ours to ask about. */
export async function bucketExists(lake: Lake, use: BucketUse): Promise<boolean> {
  try {
    await lake.s3.send(new HeadBucketCommand({ Bucket: use.bucket }));
    return true;
  } catch (error) {
    if (error instanceof S3ServiceException && error.$metadata.httpStatusCode === 404) return false;
    throw explainS3Error(lake, use, error);
  }
}
