import { listWindow } from '../lake/list-window.ts';
import type { Lake } from '../lake/open-lake.ts';
import { readMerged } from '../lake/read-merged.ts';
import { streamSourceObject } from '../lake/read-source-object.ts';
import { getS3Source } from '../model/get-s3-source.ts';
import type { PipelineSpec } from '../model/pipeline-spec.ts';
import type { StoredObject } from '../model/source-object.ts';
import type { Window } from '../model/window.ts';
import type { Segment } from '../record/segment.ts';
import { readFiles } from './read-files.ts';

/** The segments of a merged object that the ledger names; undefined where its key is none of ours. */
export function readMergedObject(lake: Lake, key: string, size: number): AsyncGenerator<Segment> | undefined {
  const digest = /\/([0-9a-f]{64})\.jsonl\.gz$/u.exec(key)?.[1];
  if (digest === undefined) return undefined;
  const object: StoredObject = { key, size, digest };
  return readMerged(lake, object);
}

/** The segments of a window's files as they are in the source now. Nothing is kept of them. */
export async function* readSourceWindow(lake: Lake, spec: PipelineSpec, window: Window): AsyncGenerator<Segment> {
  const { bucket, objects } = await listWindow(lake, getS3Source(spec), window);
  const files = objects.map((object) => ({
    key: object.key,
    open: () => streamSourceObject(lake, { bucket, object }),
  }));
  yield* readFiles(files);
}
