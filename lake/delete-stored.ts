import { DeleteObjectCommand, ListObjectVersionsCommand } from '@aws-sdk/client-s3';
import { explainS3Error } from './explain-s3-error.ts';
import type { Lake } from './open-lake.ts';

/**
 * Takes an object out of the lake for good: where the bucket keeps versions, all of them with their markers. Safe to
 * repeat, also for what was never there.
 */
export async function deleteStored(lake: Lake, key: string, signal?: AbortSignal): Promise<void> {
  const options = signal === undefined ? {} : { abortSignal: signal };
  const remove = (version: string | undefined): Promise<unknown> =>
    lake.s3.send(
      new DeleteObjectCommand({
        Bucket: lake.bucket,
        Key: key,
        ...(version === undefined ? {} : { VersionId: version }),
      }),
      options,
    );
  try {
    const versions = await listVersions(lake, key, options);
    for (const version of versions) await remove(version);
    // A server without versions lists the object under "null", or refuses to list.
    if (!versions.some((version) => version !== 'null')) await remove(undefined);
  } catch (error) {
    throw explainS3Error(lake, { bucket: lake.bucket, role: 'lake' }, error);
  }
}

/** S3 lists at most so many in an answer; one object of ours is put a few times at most. */
const MAX_VERSIONS = 1_000;

async function listVersions(
  lake: Lake,
  key: string,
  options: { readonly abortSignal?: AbortSignal },
): Promise<readonly string[]> {
  const command = new ListObjectVersionsCommand({ Bucket: lake.bucket, Prefix: key, MaxKeys: MAX_VERSIONS });
  const answer = await lake.s3.send(command, options).catch((error: unknown) => {
    if (error instanceof Error && KEEPS_NO_VERSIONS.has(error.name)) return { Versions: [], DeleteMarkers: [] };
    throw error;
  });
  return [...(answer.Versions ?? []), ...(answer.DeleteMarkers ?? [])]
    .filter((version) => version.Key === key)
    .flatMap(({ VersionId }) => (VersionId === undefined ? [] : [VersionId]));
}

const KEEPS_NO_VERSIONS: ReadonlySet<string> = new Set([
  'NotImplemented',
  'VersioningNotConfigured',
  'MethodNotAllowed',
]);
