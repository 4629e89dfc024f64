import { crc32 } from 'node:zlib';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
} from '@aws-sdk/client-s3';
import type { CompletedPart } from '@aws-sdk/client-s3';
import type { StoredObject } from '../model/source-object.ts';
import { StorageUnreachableError } from './errors.ts';
import { explainS3Error } from './explain-s3-error.ts';
import { linkAbort } from './link-abort.ts';
import type { Lake } from './open-lake.ts';
import { readEtag, readHeader } from './request-object.ts';
import type { ObjectAnswer } from './request-object.ts';
import { retryOutages } from './retry-outages.ts';
import { mayBeEtagOf, sendBytes } from './send-bytes.ts';

/** Each part but the last has this size, unless S3 would have to take more of them than it does. */
export const PART_BYTES = 8 * 1024 * 1024;
const MAX_PARTS = 10_000;
/** So many are under way together, each held in memory. */
const AT_ONCE = 4;
/** A server that does not answer must not hold up what else is to be said. */
const GIVE_UP_MS = 5_000;
const CHECKSUM_HEADER = 'x-amz-checksum-crc32';

/** An upload that was begun: no object yet, but its parts take room. */
interface BegunUpload {
  readonly Bucket: string;
  readonly Key: string;
  readonly UploadId: string;
}

/** What is sent: whole parts of it at once, whichever comes first. */
export interface ReadableAnywhere {
  /** Exactly so many of its bytes. */
  readAt(position: number, length: number): Promise<Buffer>;
}

interface Part {
  readonly number: number;
  readonly bytes: Buffer;
}

/**
 * Puts a large object in parts, several at once, each with its checksum: a server that got other bytes refuses them. The
 * object is there when all of its parts are; where that does not come about, they are taken away again. Through the AWS
 * SDK it took twice the time and five times the CPU, and parts stayed behind when it was aborted.
 */
export async function putParts(
  lake: Lake,
  { key, size }: StoredObject,
  content: ReadableAnywhere,
  signal: AbortSignal | undefined,
): Promise<void> {
  const upload = await begin(lake, key, signal);
  try {
    const parts = await sendAll(lake, upload, { content, size, signal });
    await complete(lake, upload, parts, signal);
  } catch (error) {
    // What keeps us from giving the parts up may be what kept us from putting them: then they are found by "hourloom gc".
    const bounded = until(AbortSignal.timeout(GIVE_UP_MS));
    await lake.s3.send(new AbortMultipartUploadCommand(upload), bounded).catch(() => undefined);
    throw error;
  }
}

async function begin(lake: Lake, Key: string, signal: AbortSignal | undefined): Promise<BegunUpload> {
  const target = { Bucket: lake.bucket, Key };
  const { UploadId } = await lake.s3
    .send(new CreateMultipartUploadCommand({ ...target, ChecksumAlgorithm: 'CRC32' }), until(signal))
    .catch(explain(lake));
  if (UploadId === undefined) throw new StorageUnreachableError(lake.at, `no upload of "${Key}" was begun`);
  return { ...target, UploadId };
}

/** Ends when nothing is under way any more, also where a part failed: one that came later would stay for ever. */
async function sendAll(
  lake: Lake,
  upload: BegunUpload,
  whole: { readonly content: ReadableAnywhere; readonly size: number; readonly signal: AbortSignal | undefined },
): Promise<readonly CompletedPart[]> {
  const { content, size, signal } = whole;
  const partBytes = Math.max(PART_BYTES, Math.ceil(size / MAX_PARTS));
  const sending = linkAbort(signal);
  const sent: CompletedPart[] = [];
  const waiting = Array.from({ length: Math.ceil(size / partBytes) }, (_, index) => index).values();
  const failures: unknown[] = [];
  const sendNext = async (): Promise<void> => {
    try {
      for (const index of waiting) {
        sending.signal.throwIfAborted();
        const at = index * partBytes;
        const bytes = await content.readAt(at, Math.min(partBytes, size - at));
        sent[index] = await sendPart(lake, upload, { number: index + 1, bytes }, sending.signal);
      }
    } catch (error) {
      failures.push(error);
      sending.giveUp();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, sendNext));
  // The others were given up because of the first.
  if (failures.length > 0) throw failures[0];
  return sent;
}

async function sendPart(
  lake: Lake,
  { Key: key, UploadId: uploadId }: BegunUpload,
  { number, bytes }: Part,
  signal: AbortSignal,
): Promise<CompletedPart> {
  const use = { bucket: lake.bucket, role: 'lake' } as const;
  const checksum = formatChecksum(bytes);
  return retryOutages(signal, async () => {
    const answer = await sendBytes(
      lake,
      { use, key, signal },
      {
        query: { partNumber: String(number), uploadId },
        signedHeaders: { [CHECKSUM_HEADER]: checksum },
        body: { bytes },
      },
    );
    const etag = readEtag(answer);
    if (etag === undefined || !isOf(answer, { etag, bytes, checksum }))
      throw new StorageUnreachableError(lake.at, `part ${number} of "${key}" was not answered as these bytes are`);
    return { PartNumber: number, ETag: etag, ChecksumCRC32: checksum };
  });
}

/** A server that says no checksum has perhaps not looked at ours: then the etag is held against the bytes, where it is their MD5. */
function isOf(
  answer: ObjectAnswer,
  { etag, bytes, checksum }: { readonly etag: string; readonly bytes: Buffer; readonly checksum: string },
): boolean {
  const said = readHeader(answer, CHECKSUM_HEADER);
  return said === undefined ? mayBeEtagOf(answer, etag, bytes) : said === checksum;
}

async function complete(
  lake: Lake,
  upload: BegunUpload,
  parts: readonly CompletedPart[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const command = new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts: [...parts] } });
  const { ChecksumCRC32: said } = await lake.s3.send(command, until(signal)).catch((error: unknown) => {
    // It was completed by a request whose answer was lost: the SDK asks again. What stands there, the caller looks at.
    if (error instanceof Error && error.name === 'NoSuchUpload') return { ChecksumCRC32: undefined };
    return explain(lake)(error);
  });
  const checksums = parts.map(({ ChecksumCRC32 = '' }) => Buffer.from(ChecksumCRC32, 'base64'));
  const own = `${formatChecksum(Buffer.concat(checksums))}-${parts.length}`;
  if (said?.includes('-') === true && said !== own)
    throw new StorageUnreachableError(lake.at, `"${upload.Key}" was put together of other parts than were sent`);
}

/** As S3 writes it. */
function formatChecksum(bytes: Buffer): string {
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(bytes));
  return checksum.toString('base64');
}

function until(signal: AbortSignal | undefined): { readonly abortSignal?: AbortSignal } {
  return signal === undefined ? {} : { abortSignal: signal };
}

function explain(lake: Lake): (error: unknown) => never {
  return (error) => {
    throw explainS3Error(lake, { bucket: lake.bucket, role: 'lake' }, error);
  };
}
