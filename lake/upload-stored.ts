import { HeadObjectCommand } from '@aws-sdk/client-s3';
import type { StoredObject } from '../model/source-object.ts';
import type { Lake } from './open-lake.ts';
import { StorageUnreachableError } from './errors.ts';
import { explainS3Error } from './explain-s3-error.ts';
import { PART_BYTES, putParts } from './put-parts.ts';
import type { ReadableAnywhere } from './put-parts.ts';
import { putWhole } from './put-whole.ts';

/** What is put: each time it is read it gives the same bytes. */
export interface StoredContent extends ReadableAnywhere {
  read(): AsyncIterable<Buffer>;
}

/** Puts these bytes under the object's key, and makes sure that all of them are there. */
export async function uploadStored(
  lake: Lake,
  object: StoredObject,
  content: StoredContent,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (object.size <= PART_BYTES) {
    await putWhole(lake, object, await collect(content), signal);
    return;
  }
  await putParts(lake, object, content, signal);
  await assertStored(lake, object, signal);
}

async function collect(content: StoredContent): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of content.read()) chunks.push(chunk);
  const [only] = chunks;
  return only !== undefined && chunks.length === 1 ? only : Buffer.concat(chunks);
}

async function assertStored(lake: Lake, { key, size }: StoredObject, signal: AbortSignal | undefined): Promise<void> {
  const command = new HeadObjectCommand({ Bucket: lake.bucket, Key: key });
  const { ContentLength } = await lake.s3
    .send(command, signal === undefined ? {} : { abortSignal: signal })
    .catch((error: unknown) => {
      // A HEAD is answered alike for a bucket and an object that is not there; the bucket took the parts.
      if (error instanceof Error && error.name === 'NotFound') return { ContentLength: undefined };
      throw explainS3Error(lake, { bucket: lake.bucket, role: 'lake' }, error);
    });
  if (ContentLength !== size)
    throw new StorageUnreachableError(
      lake.at,
      `"${key}" was put with ${size} bytes and has ${ContentLength ?? 'none'}`,
    );
}
