import { ListObjectVersionsCommand } from '@aws-sdk/client-s3';
import type { ListObjectVersionsCommandOutput } from '@aws-sdk/client-s3';
import type { Instant } from '../model/window.ts';
import type { ListLimit } from './errors.ts';
import { StorageUnreachableError } from './errors.ts';
import { explainS3Error } from './explain-s3-error.ts';
import { listObjects } from './list-objects.ts';
import type { Lake } from './open-lake.ts';

/** An object of the lake of which the bucket still has bytes. */
export interface KeptObject {
  readonly key: string;
  /** In bytes. */
  readonly size: number;
  readonly lastModified: Instant;
  /** How to read it where it was deleted and the bucket keeps what it was; undefined where it is there as ever. */
  readonly version?: string;
}

export interface KeptRequest {
  readonly prefix: string;
  /** Only what comes after this key, in the order of their bytes. */
  readonly startAfter?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

const USE_LIMIT: ListLimit = { objects: Number.MAX_SAFE_INTEGER, remedy: 'Please report this as a bug.' };
/** What servers say that know no versions. */
const KEEPS_NO_VERSIONS: ReadonlySet<string> = new Set([
  'NotImplemented',
  'VersioningNotConfigured',
  'MethodNotAllowed',
]);

/**
 * Lists what the lake keeps under a prefix in the order of the keys, each key once. Where the bucket keeps versions, what
 * was deleted is among it: its bytes are there, and whoever looks for somebody must look into them too.
 */
export async function* listKept(
  lake: Lake,
  { prefix, startAfter, signal }: KeptRequest,
): AsyncGenerator<KeptObject, void, undefined> {
  let marker: Marker = { key: startAfter, version: undefined };
  let last = startAfter;
  for (;;) {
    const page = await listVersionPage(lake, { prefix, marker, signal });
    if (!page) {
      const use = { bucket: lake.bucket, role: 'lake' } as const;
      yield* listObjects(lake, { use, prefix, startAfter, limit: USE_LIMIT, signal });
      return;
    }
    for (const version of page.versions) {
      // The newest comes first; those that are older have the same bytes, for an object is called by its digest.
      if (last !== undefined && compareBytes(version.key, last) <= 0) continue;
      last = version.key;
      const { key, size, lastModified } = version;
      yield { key, size, lastModified, ...(version.isLatest ? {} : { version: version.id }) };
    }
    if (!page.next) return;
    marker = page.next;
  }
}

/** All versions of one object, and the marks that it was deleted; undefined where the server knows no versions. */
export async function listVersionsOf(
  lake: Lake,
  key: string,
  signal: AbortSignal | undefined,
): Promise<readonly string[] | undefined> {
  const page = await listVersionPage(lake, { prefix: key, marker: { key: undefined, version: undefined }, signal });
  if (!page) return undefined;
  return [...page.versions, ...page.marks].filter((version) => version.key === key).map(({ id }) => id);
}

interface Marker {
  readonly key: string | undefined;
  readonly version: string | undefined;
}

interface VersionPage {
  readonly versions: readonly {
    readonly key: string;
    readonly id: string;
    readonly size: number;
    readonly lastModified: Instant;
    readonly isLatest: boolean;
  }[];
  readonly marks: readonly { readonly key: string; readonly id: string }[];
  readonly next: Marker | undefined;
}

async function listVersionPage(
  lake: Lake,
  {
    prefix,
    marker,
    signal,
  }: { readonly prefix: string; readonly marker: Marker; readonly signal?: AbortSignal | undefined },
): Promise<VersionPage | undefined> {
  const command = new ListObjectVersionsCommand({
    Bucket: lake.bucket,
    Prefix: prefix,
    ...(marker.key === undefined ? {} : { KeyMarker: marker.key }),
    ...(marker.version === undefined ? {} : { VersionIdMarker: marker.version }),
  });
  const answer = await lake.s3
    .send(command, signal === undefined ? {} : { abortSignal: signal })
    .catch((error: unknown) => {
      if (error instanceof Error && KEEPS_NO_VERSIONS.has(error.name)) return undefined;
      throw explainS3Error(lake, { bucket: lake.bucket, role: 'lake' }, error);
    });
  return answer && readPage(lake, answer, marker);
}

function readPage(lake: Lake, answer: ListObjectVersionsCommandOutput, marker: Marker): VersionPage {
  const unreadable = (why: string) => new StorageUnreachableError(lake.at, `the listing of versions ${why}`);
  const { Versions = [], DeleteMarkers = [], IsTruncated, NextKeyMarker, NextVersionIdMarker } = answer;
  // The SDK reads any XML, an error page of a proxy too, as a listing with nothing in it.
  if (answer.Name === undefined) throw unreadable('is no listing');
  if (IsTruncated === true && (NextKeyMarker === undefined || isSame(marker, NextKeyMarker, NextVersionIdMarker)))
    throw unreadable('is cut off and does not say where it goes on');
  return {
    versions: Versions.map(({ Key, VersionId, Size, LastModified, IsLatest }) => {
      if (Key === undefined || VersionId === undefined || Size === undefined || LastModified === undefined)
        throw unreadable('shows one without its name, size or time');
      return { key: Key, id: VersionId, size: Size, lastModified: LastModified.getTime(), isLatest: IsLatest === true };
    }),
    marks: DeleteMarkers.flatMap(({ Key, VersionId }) =>
      Key === undefined || VersionId === undefined ? [] : [{ key: Key, id: VersionId }],
    ),
    next: IsTruncated === true ? { key: NextKeyMarker, version: NextVersionIdMarker } : undefined,
  };
}

function isSame(marker: Marker, key: string | undefined, version: string | undefined): boolean {
  return marker.key === key && marker.version === version;
}

/** As S3 sorts keys. */
function compareBytes(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}
