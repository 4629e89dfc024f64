import type { FileCounts } from '../model/counts.ts';
import type { SourceObject } from '../model/source-object.ts';
import { assertParquet } from './assert-parquet.ts';
import { Bundle } from './bundle.ts';
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

/** A source object that was fetched: a file that can be read, or the reason why not. */
interface FetchedFile {
  readonly source: string;
  readonly file: TemporaryFile;
  readonly rejected: RejectedFile | undefined;
}

/**
 * Fetches every file of a manifest and writes one merged object that holds them whole (`bundle-format.ts`), for a
 * statement to make records of. Several are fetched at once, each anew from where it was cut. A file that is none leaves
 * its name and the reason. The files stay on disk for the step after (`kept-bundles.ts`).
 *
 * Throws `SourceChangedError` when an object is no longer what was listed: list again, then merge again.
 */
export async function bundleFiles(
  lake: Lake,
  { manifest, from = 's3', prefix, signal }: Omit<MergeOptions, 'format' | 'limits' | 'onProgress'>,
): Promise<MergedObject> {
  const { objects, skipped, rejected: misnamed } = manifest;
  if (objects.length > MAX_BUNDLED_FILES) throw new TooManyFilesError(objects.length, MAX_BUNDLED_FILES);
  const fetched: (FetchedFile | undefined)[] = objects.map(() => undefined);
  let kept: readonly FetchedFile[] = [];
  try {
    await fetchAll(objects, fetched, signal, (object, file, fetches) =>
      fetchFile(lake, from, { bucket: manifest.bucket, object, signal: fetches }, { file }),
    );
    const files = fetched.flatMap((each) => each ?? []);
    const good = files.filter(({ file, rejected }) => rejected === undefined && file.size > 0);
    const rejectedFiles = [
      ...files.flatMap(({ rejected }) => rejected ?? []),
      ...misnamed.map(({ key }): RejectedFile => ({ source: key, reason: 'key' })),
    ];
    const head = {
      files: good.map(({ source, file }) => ({ source, size: file.size })),
      rejected: rejectedFiles,
    };
    const bundle = new Bundle(
      head,
      good.map(({ file }) => file),
    );
    const digest = await bundle.digest(signal);
    const object = { key: `${prefix}${digest}.files`, size: bundle.size, digest };
    await uploadStored(lake, object, bundle, signal);
    kept = good;
    await lake.kept.keep(object, bundle);
    const counts: FileCounts = {
      listed: objects.length + skipped.length + misnamed.length,
      loaded: good.length,
      rejected: rejectedFiles.length,
      skipped: skipped.length,
      empty: objects.length + misnamed.length - good.length - rejectedFiles.length,
    };
    return { object, files: counts, rejectedFiles };
  } finally {
    const rest = fetched.flatMap((each) => (each === undefined || kept.includes(each) ? [] : each.file));
    await Promise.all(rest.map((file) => file[Symbol.asyncDispose]()));
  }
}

/** Fills in what became of each object. When one fetch fails, the others under way end too, and what failed is told. */
async function fetchAll(
  objects: readonly SourceObject[],
  fetched: (FetchedFile | undefined)[],
  signal: AbortSignal | undefined,
  fetch: (object: SourceObject, file: TemporaryFile, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const fetches = linkAbort(signal);
  const waiting = objects.entries();
  const failures: unknown[] = [];
  const fetchNext = async (): Promise<void> => {
    try {
      for (const [index, object] of waiting) {
        fetches.signal.throwIfAborted();
        fetched[index] = await fetchWhole(object, (file) => fetch(object, file, fetches.signal));
      }
    } catch (error) {
      failures.push(error);
      fetches.giveUp();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, fetchNext));
  if (failures.length > 0) throw failures[0];
}

async function fetchWhole(
  { key, size }: SourceObject,
  fetch: (file: TemporaryFile) => Promise<void>,
): Promise<FetchedFile> {
  const file = await TemporaryFile.create();
  try {
    if (size > MAX_FILE_BYTES) throw new FileRejectedError('too_large', `it has more than ${MAX_FILE_BYTES} bytes`);
    await fetch(file);
    if (file.size > 0) await assertParquet(file);
    return { source: key, file, rejected: undefined };
  } catch (error) {
    if (error instanceof FileRejectedError) {
      const { reason, detail } = error;
      return { source: key, file, rejected: { source: key, reason, detail } };
    }
    await file[Symbol.asyncDispose]();
    throw error;
  }
}
