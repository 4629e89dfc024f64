import { cancellationSignal } from '@temporalio/activity';
import { listObjects } from '../../lake/list-objects.ts';
import type { ListedObject } from '../../lake/list-objects.ts';
import { readPartitionFolder, readStoredKey } from '../../lake/read-partition-folder.ts';
import { searchMerged } from '../../lake/rewrite-merged.ts';
import type { PipelineName } from '../../model/asset-key.ts';
import { addErasureCounts, NOTHING_FOUND } from '../../model/erasure.ts';
import type { ErasureCounts } from '../../model/erasure.ts';
import type { PartitionRef } from '../../model/partition.ts';
import type { StoredObject } from '../../model/source-object.ts';
import { readVisible } from '../../warehouse/read-ledger.ts';
import { suppress } from '../../warehouse/suppress.ts';
import { getPipeline } from '../dependencies.ts';
import type { Dependencies } from '../dependencies.ts';
import { eraseObject } from './erase-object.ts';
import { changeBy, createSuppression, createTally } from './open-suppression.ts';
import { readRequest } from './read-request.ts';

export interface SearchPageInput {
  readonly erasure: string;
  readonly pipeline: PipelineName;
  /** Only look, or take out what is found. */
  readonly mode: 'look' | 'erase';
  /** The key after which this page begins; undefined for the first. */
  readonly after: string | undefined;
}

export interface SearchedPage {
  readonly found: ErasureCounts;
  /** The key after which the next page begins; null where this was the last. */
  readonly after: string | null;
  /** How many ids of the person came to light: what was searched before must be searched again for them. */
  readonly learned: number;
}

/** So many objects are searched in one step: seconds, for windows of ordinary size. */
const PAGE = 50;
/** A lake of more objects than this could ever be listed is nobody's. */
const LIST = { objects: Number.MAX_SAFE_INTEGER, remedy: 'Please report this as a bug.' };

/**
 * Searches the next merged objects of the lake for the person, those too that no window shows any more: every copy of a
 * record began as a line of one of them. In the mode `erase` each that holds some is erased before the next is searched.
 * Safe to repeat: what is erased is not found again.
 */
export async function searchPage(dependencies: Dependencies, input: SearchPageInput): Promise<SearchedPage> {
  const { pipeline, after } = input;
  const objects = await listPage(dependencies, pipeline, after);
  let found = NOTHING_FOUND;
  let learned = 0;
  for (const object of objects) {
    const searched = await searchObject(dependencies, input, object);
    found = addErasureCounts(found, searched.found);
    learned += searched.learned;
  }
  return { found, learned, after: objects.length < PAGE ? null : (objects.at(-1)?.key ?? null) };
}

async function listPage(
  { lake }: Dependencies,
  pipeline: PipelineName,
  startAfter: string | undefined,
): Promise<readonly ListedObject[]> {
  const use = { bucket: lake.bucket, role: 'lake' } as const;
  const listing = listObjects(lake, {
    use,
    prefix: `raw/${pipeline}/`,
    startAfter,
    limit: LIST,
    signal: cancellationSignal(),
  });
  const objects: ListedObject[] = [];
  for await (const object of listing) {
    objects.push(object);
    if (objects.length === PAGE) break;
  }
  return objects;
}

async function searchObject(
  dependencies: Dependencies,
  { erasure, pipeline, mode }: SearchPageInput,
  listed: ListedObject,
): Promise<{ readonly found: ErasureCounts; readonly learned: number }> {
  const { lake, warehouse, pipelines, erasureKeys = [] } = dependencies;
  const { spec } = getPipeline({ pipelines }, pipeline);
  const object = readStoredKey(listed);
  const start = readPartitionFolder('raw', spec.window, pipeline, listed.key);
  if (!object || start === undefined) return { found: NOTHING_FOUND, learned: 0 };
  const partition: PartitionRef = { pipeline, start };
  const { identifiers } = await readRequest(warehouse, erasure, pipeline);
  const tally = createTally();
  const change = changeBy(spec, createSuppression(spec, erasureKeys, identifiers), tally);
  await searchMerged(lake, { object, change, signal: cancellationSignal() });
  if (tally.lines === 0) return { found: NOTHING_FOUND, learned: 0 };
  const isVisible = await isShown(dependencies, partition, object);
  let learned = 0;
  if (mode === 'erase') {
    learned = await suppress(warehouse, { pipeline, erasure, identifiers: tally.learned });
    await eraseObject(dependencies, { erasure, partition, object, lines: tally.lines });
  }
  return {
    found: { ...NOTHING_FOUND, objects: 1, lines: tally.lines, windows: isVisible ? 1 : 0 },
    learned,
  };
}

async function isShown({ warehouse }: Dependencies, partition: PartitionRef, { key }: StoredObject): Promise<boolean> {
  return (await readVisible(warehouse.sql, partition)).some(({ objectKey }) => objectKey === key);
}
