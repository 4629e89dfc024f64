import { listPartition } from '../lake/list-partition.ts';
import type { Lake } from '../lake/open-lake.ts';
import { digestOfMerged } from '../lake/object-keys.ts';
import { readBundle } from '../lake/read-bundle.ts';
import { readMerged } from '../lake/read-merged.ts';
import { streamSource } from '../lake/read-source.ts';
import { formatOf, queryOf } from '../model/file-format.ts';
import { getListedSource } from '../model/get-listed-source.ts';
import type { PipelineSpec } from '../model/pipeline-spec.ts';
import type { StoredObject } from '../model/source-object.ts';
import type { Window } from '../model/window.ts';
import type { Segment } from '../record/segment.ts';
import { readFiles } from './read-files.ts';

/** The segments of a merged object that the ledger names; undefined where its key is none of ours. */
export function readMergedObject(
  lake: Lake,
  { source }: Pick<PipelineSpec, 'source'>,
  { key, size, window }: { readonly key: string; readonly size: number; readonly window: Window },
): AsyncGenerator<Segment> | undefined {
  const query = queryOf(source);
  const digest = digestOfMerged(key, query);
  if (digest === undefined) return undefined;
  const object: StoredObject = { key, size, digest };
  return query ? readBundle(lake, object, { query, window }) : readMerged(lake, object);
}

/**
 * The segments of a window's files as they are in the source now. Nothing is kept of them. Throws a `NoFilesError` where
 * the records come from code, which is not run for a look.
 */
export async function* readSourceWindow(lake: Lake, spec: PipelineSpec, window: Window): AsyncGenerator<Segment> {
  const source = getListedSource(spec);
  const { bucket, objects } = await listPartition(lake, source, window);
  const files = objects.map((object) => ({
    key: object.key,
    open: () => streamSource(lake, source.kind, { bucket, object }),
  }));
  yield* readFiles(files, formatOf(source), window);
}
