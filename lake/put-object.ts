import { PutObjectCommand } from '@aws-sdk/client-s3';
import type { SourceObject } from '../model/source-object.ts';
import type { Lake } from './open-lake.ts';
import { StorageUnreachableError } from './errors.ts';
import { explainS3Error } from './explain-s3-error.ts';

/** A small object to write into a bucket that is not the lake's: a source that we feed. */
export interface ObjectPut {
  readonly bucket: string;
  readonly key: string;
  readonly body: Uint8Array;
  readonly signal?: AbortSignal | undefined;
}

/** Puts one object into a source's bucket, replacing what stands there. The server checks what it got. */
export async function putObject(lake: Lake, { bucket, key, body, signal }: ObjectPut): Promise<SourceObject> {
  const command = new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ChecksumAlgorithm: 'CRC32' });
  const answer = await lake.s3
    .send(command, signal === undefined ? {} : { abortSignal: signal })
    .catch((error: unknown) => {
      throw explainS3Error(lake, { bucket, role: 'source' }, error);
    });
  if (answer.ETag === undefined)
    throw new StorageUnreachableError(lake.at, `putting "${key}" was answered without an etag`);
  return { key, size: body.length, etag: answer.ETag.replaceAll('"', '') };
}
