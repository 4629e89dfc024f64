import { createHash } from 'node:crypto';
import type { FileCounts } from '../model/counts.ts';
import type { SourceObject, StoredObject } from '../model/source-object.ts';
import { assertParquet } from './assert-parquet.ts';
import { encodeBundleHead } from './bundle-format.ts';
import { fetchFile } from './fetch-file.ts';
import { FileRejectedError } from './file-rejected-error.ts';
import { linkAbort } from './link-abort.ts';
import type { MergedObject, MergeOptions, RejectedFile } from './merge-objects.ts';
import type { Lake } from './open-lake.ts';
import { uploadStored } from './upload-stored.ts';
import { TooManyFilesError } from './too-many-files-error.ts';
import { TemporaryFile } from './temporary-file.ts';

/** So many are fetched at once: each waits on disk, and their server may be somebody else's. */
const AT_ONCE = 4;
/** A bundle's files are all open together when they are read. */
export const MAX_BUNDLED_FILES = 200;
/** No file may be larger: it waits on disk. */
const MAX_FILE_BYTES = 16 * 1024 * 1024 * 1024;

/** Pieces in which a file is sent: few, as each is a buffer of its own. */
const SENT_BYTES = 4 * 1024 * 1024;

/** A source object that was fetched: a file that can be read, or the reason why not. */
interface FetchedFile extends AsyncDisposable {
  readonly source: string;
  readonly file: TemporaryFile;
  readonly rejected: RejectedFile | undefined;
}

/**
 * Fetches every file of a manifest and writes one merged object that holds them whole (`bundle-format.ts`), for a
 * statement to make records of. Several are fetched at once, each anew from where it was cut. A file that is none leaves
 * its name and the reason.
 *
 * Throws `SourceChangedError` when an object is no longer what was listed: list again, then merge again.
 */
export async function bundleFiles(
  lake: Lake,
  { manifest, from = 's3', prefix, signal, onProgress }: Omit<MergeOptions, 'format' | 'limits'>,
): Promise<MergedObject> {
  const { objects, skipped, rejected: misnamed } = manifest;
  if (objects.length > MAX_BUNDLED_FILES) throw new TooManyFilesError(objects.length, MAX_BUNDLED_FILES);
  const fetches = linkAbort(signal);
  const fetched: (FetchedFile | undefined)[] = objects.map(() => undefined);
  const waiting = objects.entries();
  let done = 0;
  const fetchNext = async (): Promise<void> => {
    for (const [index, object] of waiting) {
      fetched[index] = await fetchWhole(object, async (file) => {
        const read = { bucket: manifest.bucket, object, signal: fetches.signal };
        await fetchFile(lake, from, read, { file, onProgress: () => onProgress?.(done) });
      });
      done += 1;
    }
  };
  try {
    const results = await Promise.allSettled(Array.from({ length: AT_ONCE }, () => fetchNext().catch(giveUp(fetches))));
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
    const files = fetched.flatMap((each) => each ?? []);
    const good = files.filter(({ file, rejected }) => rejected === undefined && file.size > 0);
    const rejectedFiles = [
      ...files.flatMap(({ rejected }) => rejected ?? []),
      ...misnamed.map(({ key }): RejectedFile => ({ source: key, reason: 'key' })),
    ];
    const head = encodeBundleHead({
      files: good.map(({ source, file }) => ({ source, size: file.size })),
      rejected: rejectedFiles,
    });
    const object = await putBundle(lake, { prefix, head, files: good.map(({ file }) => file), signal });
    const counts: FileCounts = {
      listed: objects.length + skipped.length + misnamed.length,
      loaded: good.length,
      rejected: rejectedFiles.length,
      skipped: skipped.length,
      empty: objects.length + misnamed.length - good.length - rejectedFiles.length,
    };
    return { object, files: counts, rejectedFiles };
  } finally {
    fetches.giveUp();
    await Promise.all(fetched.map(async (each) => each?.[Symbol.asyncDispose]()));
  }
}

/** The files are read where they lie, once for their digest and once to be sent: no copy of them is made. */
async function putBundle(
  lake: Lake,
  bundle: {
    readonly prefix: string;
    readonly head: Buffer;
    readonly files: readonly TemporaryFile[];
    readonly signal: AbortSignal | undefined;
  },
): Promise<StoredObject> {
  const { prefix, head, files, signal } = bundle;
  const content = {
    async *read(): AsyncGenerator<Buffer> {
      yield head;
      for (const file of files) yield* file.read(SENT_BYTES);
    },
  };
  const sha256 = createHash('sha256').update(head);
  for (const file of files) {
    signal?.throwIfAborted();
    await file.digestInto(sha256);
  }
  const size = files.reduce((sum, file) => sum + file.size, head.length);
  const digest = sha256.digest('hex');
  const object = { key: `${prefix}${digest}.files`, size, digest };
  await uploadStored(lake, object, content, signal);
  return object;
}

/** When one fetch fails, the others under way end too. */
function giveUp(fetches: ReturnType<typeof linkAbort>): (error: unknown) => never {
  return (error) => {
    fetches.giveUp();
    throw error;
  };
}

async function fetchWhole(
  { key, size }: SourceObject,
  fetch: (file: TemporaryFile) => Promise<void>,
): Promise<FetchedFile> {
  const file = await TemporaryFile.create();
  const dispose = { [Symbol.asyncDispose]: () => file[Symbol.asyncDispose]() };
  try {
    if (size > MAX_FILE_BYTES) throw new FileRejectedError('too_large', `it has more than ${MAX_FILE_BYTES} bytes`);
    await fetch(file);
    if (file.size > 0) await assertParquet(file);
    return { source: key, file, rejected: undefined, ...dispose };
  } catch (error) {
    if (error instanceof FileRejectedError) {
      const { reason, detail } = error;
      return { source: key, file, rejected: { source: key, reason, detail }, ...dispose };
    }
    await file[Symbol.asyncDispose]();
    throw error;
  }
}
