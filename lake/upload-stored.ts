import { Readable } from 'node:stream';
import { HeadObjectCommand } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import type { StoredObject } from '../model/source-object.ts';
import type { Lake } from './open-lake.ts';
import { StorageUnreachableError } from './errors.ts';
import { explainS3Error } from './explain-s3-error.ts';
import { putWhole } from './put-whole.ts';

/** Larger objects are sent in parts of this size. A spool holds as much in memory. */
const PART_BYTES = 8 * 1024 * 1024;

/** What is put: each time it is read it gives the same bytes. */
export interface StoredContent {
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
  await upload(lake, object, content, signal);
  await assertStored(lake, object, signal);
}

async function collect(content: StoredContent): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of content.read()) chunks.push(chunk);
  const [only] = chunks;
  return only !== undefined && chunks.length === 1 ? only : Buffer.concat(chunks);
}

async function upload(
  lake: Lake,
  { key }: StoredObject,
  content: StoredContent,
  signal: AbortSignal | undefined,
): Promise<void> {
  const sending = new Upload({
    client: lake.s3,
    params: {
      Bucket: lake.bucket,
      Key: key,
      Body: Readable.from(content.read(), { objectMode: false }),
      // The server checks each part as it comes.
      ChecksumAlgorithm: 'CRC32',
    },
    partSize: PART_BYTES,
    queueSize: 2,
  });
  const abort = () => void sending.abort();
  signal?.addEventListener('abort', abort, { once: true });
  try {
    signal?.throwIfAborted();
    await sending.done();
  } catch (error) {
    throw explainS3Error(lake, { bucket: lake.bucket, role: 'lake' }, error);
  } finally {
    signal?.removeEventListener('abort', abort);
  }
}

async function assertStored(lake: Lake, { key, size }: StoredObject, signal: AbortSignal | undefined): Promise<void> {
  const command = new HeadObjectCommand({ Bucket: lake.bucket, Key: key });
  const { ContentLength } = await lake.s3
    .send(command, signal === undefined ? {} : { abortSignal: signal })
    .catch((error: unknown) => {
      throw explainS3Error(lake, { bucket: lake.bucket, role: 'lake' }, error);
    });
  if (ContentLength !== size)
    throw new StorageUnreachableError(lake.at, `"${key}" was put with ${size} bytes and has ${ContentLength}`);
}
