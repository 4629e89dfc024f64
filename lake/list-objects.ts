import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import type { ListObjectsV2CommandOutput } from '@aws-sdk/client-s3';
import type { SourceObject } from '../model/source-object.ts';
import type { Instant } from '../model/window.ts';
import type { Lake } from './open-lake.ts';
import type { BucketUse } from './explain-s3-error.ts';
import { explainS3Error } from './explain-s3-error.ts';
import type { ListLimit } from './errors.ts';
import { SourceTooLargeError, StorageUnreachableError } from './errors.ts';

/** A source object and when it was last written, as S3 says. */
export interface ListedObject extends SourceObject {
  readonly lastModified: Instant;
}

/** What to list, and how far. */
export interface ListRequest {
  readonly use: BucketUse;
  readonly prefix: string;
  /** Only what comes after this key, in the order of their bytes. */
  readonly startAfter?: string | undefined;
  /** `LIST_LIMIT` where it is not said. */
  readonly limit?: ListLimit | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called after each page with the number of objects so far. */
  readonly onProgress?: ((objects: number) => void) | undefined;
}

/** A longer listing is refused rather than held in memory. */
export const LIST_LIMIT: ListLimit = {
  objects: 200_000,
  remedy: 'Put the time nearer to the beginning of the key pattern, or choose a shorter window.',
};

/** S3 gives at most so many objects in a page. */
const PAGE = 1_000;

/**
 * Lists the objects under a prefix, page by page, in the order of their keys' bytes. The AWS SDK's own paginator ends
 * in silence where a server says "there is more" without saying where; here that is an error, as is an answer that is
 * no listing at all.
 */
export async function* listObjects(lake: Lake, request: ListRequest): AsyncGenerator<ListedObject> {
  const { limit = LIST_LIMIT } = request;
  let token: string | undefined;
  let objects = 0;
  for (let page = 1; page <= limit.objects / PAGE; page += 1) {
    const answer = await listPage(lake, request, token);
    for (const content of answer.Contents ?? []) yield readListed(lake, content, answer.EncodingType === 'url');
    objects += answer.Contents?.length ?? 0;
    request.onProgress?.(objects);
    if (answer.IsTruncated !== true) return;

    const next = answer.NextContinuationToken;
    if (next === undefined || next === '' || next === token) {
      throw new StorageUnreachableError(
        lake.at,
        `the listing of "${request.prefix}" is cut off and does not say where it goes on`,
      );
    }
    token = next;
  }
  throw new SourceTooLargeError(request.use.bucket, request.prefix, limit);
}

async function listPage(
  lake: Lake,
  { use, prefix, startAfter, signal }: ListRequest,
  token: string | undefined,
): Promise<ListObjectsV2CommandOutput> {
  const command = new ListObjectsV2Command({
    Bucket: use.bucket,
    Prefix: prefix,
    // XML cannot hold control characters, which keys may have.
    EncodingType: 'url',
    ...(startAfter === undefined ? {} : { StartAfter: startAfter }),
    ...(token === undefined ? {} : { ContinuationToken: token }),
  });
  const answer = await lake.s3
    .send(command, signal === undefined ? {} : { abortSignal: signal })
    .catch((error: unknown) => {
      throw explainS3Error(lake, use, error);
    });
  // The SDK reads any XML, an error page of a proxy too, as a listing with nothing in it.
  if (answer.Name === undefined)
    throw new StorageUnreachableError(lake.at, `the answer to the listing of "${prefix}" is no listing`);
  return answer;
}

type Content = NonNullable<ListObjectsV2CommandOutput['Contents']>[number];

function readListed(lake: Lake, { Key, Size, ETag, LastModified }: Content, encoded: boolean): ListedObject {
  if (Key === undefined || Size === undefined || ETag === undefined || LastModified === undefined) {
    throw new StorageUnreachableError(
      lake.at,
      `the listing shows ${JSON.stringify(Key ?? '')} without size, etag or time`,
    );
  }
  return {
    key: encoded ? decodeURIComponent(Key.replaceAll('+', ' ')) : Key,
    size: Size,
    etag: ETag.replaceAll('"', ''),
    lastModified: LastModified.getTime(),
  };
}
