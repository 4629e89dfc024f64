import { AbortMultipartUploadCommand, ListMultipartUploadsCommand } from '@aws-sdk/client-s3';
import type { Instant } from '../model/window.ts';
import { StorageUnreachableError } from './errors.ts';
import { explainS3Error } from './explain-s3-error.ts';
import type { Lake } from './open-lake.ts';

export interface OldUploadsQuestion {
  readonly prefix: string;
  /** Those that were begun before. */
  readonly before: Instant;
  /** Without it they are counted only. */
  readonly isToDelete: boolean;
}

/** Of a thousand uploads each. */
const MAX_PAGES = 1_000;

/**
 * Uploads in parts that were begun and neither ended nor given up, as by a process that was killed: no listing of objects
 * shows them, and their parts take room for ever. Gives how many there are.
 */
export async function giveUpOldUploads(
  lake: Lake,
  { prefix, before, isToDelete }: OldUploadsQuestion,
): Promise<number> {
  const use = { bucket: lake.bucket, role: 'lake' } as const;
  const ask = async <Answer>(answer: Promise<Answer>): Promise<Answer> =>
    answer.catch((error: unknown) => {
      throw explainS3Error(lake, use, error);
    });
  let from: { readonly KeyMarker?: string; readonly UploadIdMarker?: string } = {};
  let found = 0;
  for (let page = 1; page <= MAX_PAGES; page += 1) {
    const question = new ListMultipartUploadsCommand({ Bucket: lake.bucket, Prefix: prefix, ...from });
    const { Uploads = [], IsTruncated, NextKeyMarker, NextUploadIdMarker } = await ask(lake.s3.send(question));
    for (const { Key, UploadId, Initiated } of Uploads) {
      if (Key === undefined || UploadId === undefined || Initiated === undefined || Initiated.getTime() >= before)
        continue;
      found += 1;
      if (isToDelete) await ask(lake.s3.send(new AbortMultipartUploadCommand({ Bucket: lake.bucket, Key, UploadId })));
    }
    if (IsTruncated !== true) return found;
    if (NextKeyMarker === undefined || NextUploadIdMarker === undefined) break;
    from = { KeyMarker: NextKeyMarker, UploadIdMarker: NextUploadIdMarker };
  }
  throw new StorageUnreachableError(lake.at, `the listing of uploads under "${prefix}" does not come to an end`);
}
