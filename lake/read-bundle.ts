import type { FileCounts } from '../model/counts.ts';
import type { FilesQuery } from '../model/file-format.ts';
import type { StoredObject } from '../model/source-object.ts';
import type { Window } from '../model/window.ts';
import { Bundle } from './bundle.ts';
import { cutBundle } from './bundle-format.ts';
import type { BundleHead } from './bundle-format.ts';
import type { MergedSegment } from './merged-format.ts';
import type { Lake } from './open-lake.ts';
import { queryFiles } from './query-files.ts';
import type { QueriedRows } from './query-files.ts';
import { readStored } from './read-stored.ts';
import type { StoredRead } from './read-stored.ts';
import { TemporaryFile } from './temporary-file.ts';

export interface BundleRead extends StoredRead {
  readonly query: FilesQuery;
  readonly window: Window;
  /** Told once, before the records come. */
  readonly onRead?: ((read: QueriedRows) => void) | undefined;
}

/**
 * Makes the records of a bundle (`bundle-format.ts`) by its pipeline's statement, and gives them as the segments of a
 * merged object. The files wait on disk meanwhile: those that this process put there when it merged them, where it did.
 */
export async function* readBundle(
  lake: Lake,
  object: StoredObject,
  { query, window, onRead, signal }: BundleRead,
): AsyncGenerator<MergedSegment> {
  await using bundle =
    (await lake.kept.take(object, signal)) ?? (await fetchBundle(readStored(lake, object, { signal })));
  for (const { source, reason, detail } of bundle.head.rejected)
    yield { source, rejected: reason, ...(detail === undefined ? {} : { detail }) };
  const named = bundle.head.files.map(async ({ source }, index) => ({
    source,
    path: await bundle.files[index]!.path(),
  }));
  yield* queryFiles(await Promise.all(named), { query, window, onRead, signal });
}

/** The counts of a window's files, now that they were opened: some may be none after all. */
export function recountFiles(files: FileCounts, { rejected, empty }: QueriedRows): FileCounts {
  return {
    ...files,
    loaded: files.loaded - rejected - empty,
    rejected: files.rejected + rejected,
    empty: files.empty + empty,
  };
}

async function fetchBundle(chunks: AsyncIterable<Buffer>): Promise<Bundle> {
  const files: TemporaryFile[] = [];
  let found: BundleHead | undefined;
  try {
    for await (const piece of cutBundle(chunks)) {
      if ('head' in piece) {
        found = piece.head;
        for (const _ of found.files) files.push(await TemporaryFile.create());
      } else await files[piece.index]!.write(piece.bytes);
    }
    return new Bundle(found!, files);
  } catch (error) {
    await Promise.all(files.map((file) => file[Symbol.asyncDispose]()));
    throw error;
  }
}
