import { cancellationSignal } from '@temporalio/activity';
import { listObjects } from '../../lake/list-objects.ts';
import type { ListedObject } from '../../lake/list-objects.ts';
import { readAhead } from '../../lake/read-ahead.ts';
import { readPartitionFolder, readStoredKey } from '../../lake/read-partition-folder.ts';
import { searchMerged } from '../../lake/rewrite-merged.ts';
import type { PipelineName } from '../../model/asset-key.ts';
import { addErasureCounts, NOTHING_FOUND } from '../../model/erasure.ts';
import type { ErasureCounts } from '../../model/erasure.ts';
import type { PartitionRef } from '../../model/partition.ts';
import type { PipelineSpec } from '../../model/pipeline-spec.ts';
import type { StoredObject } from '../../model/source-object.ts';
import type { SuppressionTally } from '../../record/suppress-file.ts';
import type { Suppression } from '../../record/suppression.ts';
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
/** Most objects are small, and what they cost is the way to the store. */
const AHEAD = { atOnce: 8, budget: 32 * 1_024 * 1_024 };
/** A lake of more objects than this could ever be listed is nobody's. */
const LIST = { objects: Number.MAX_SAFE_INTEGER, remedy: 'Please report this as a bug.' };

/**
 * Searches the next merged objects of the lake for the person, those too that no window shows any more: every copy of a
 * record began as a line of one of them. In the mode `erase` each that holds some is erased before the next is searched.
 * Safe to repeat: what is erased is not found again.
 */
export async function searchPage(dependencies: Dependencies, input: SearchPageInput): Promise<SearchedPage> {
  const { pipeline, after } = input;
  const { spec } = getPipeline(dependencies, pipeline);
  const objects = await listPage(dependencies, pipeline, after);
  const suppression = await openSought(dependencies, input, spec);
  const searches = objects.flatMap((listed) => {
    const object = readStoredKey(listed);
    const start = readPartitionFolder('raw', spec.window, pipeline, listed.key);
    if (!object || start === undefined) return [];
    const read = () => searchObject(dependencies, spec, suppression, { object, partition: { pipeline, start } });
    return { cost: object.size, read };
  });
  let found = NOTHING_FOUND;
  let learned = 0;
  for await (const searched of readAhead(searches, AHEAD)) {
    if (searched.tally.lines === 0) continue;
    found = addErasureCounts(found, await countFound(dependencies, searched));
    if (input.mode === 'erase') learned += await eraseFound(dependencies, input, searched);
  }
  return { found, learned, after: objects.length < PAGE ? null : (objects.at(-1)?.key ?? null) };
}

/** What a person is known by when the page begins. What comes to light on it is for the next pass, which it leads to. */
async function openSought(
  { warehouse, erasureKeys = [] }: Dependencies,
  { erasure, pipeline }: SearchPageInput,
  spec: PipelineSpec,
): Promise<Suppression> {
  const { identifiers } = await readRequest(warehouse, erasure, pipeline);
  return createSuppression(spec, erasureKeys, identifiers);
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

interface SearchedObject {
  readonly object: StoredObject;
  readonly partition: PartitionRef;
  readonly tally: SuppressionTally;
}

async function searchObject(
  { lake }: Dependencies,
  spec: PipelineSpec,
  suppression: Suppression,
  { object, partition }: Omit<SearchedObject, 'tally'>,
): Promise<SearchedObject> {
  const tally = createTally();
  await searchMerged(lake, { object, change: changeBy(spec, suppression, tally), signal: cancellationSignal() });
  return { object, partition, tally };
}

async function countFound(
  dependencies: Dependencies,
  { object, partition, tally }: SearchedObject,
): Promise<ErasureCounts> {
  const isVisible = await isShown(dependencies, partition, object);
  return { ...NOTHING_FOUND, objects: 1, lines: tally.lines, windows: isVisible ? 1 : 0 };
}

/** Takes the person out, and says how many ids came to light. */
async function eraseFound(
  dependencies: Dependencies,
  { erasure, pipeline }: SearchPageInput,
  { object, partition, tally }: SearchedObject,
): Promise<number> {
  const { warehouse } = dependencies;
  const learned = await suppress(warehouse, { pipeline, erasure, identifiers: tally.learned });
  await eraseObject(dependencies, { erasure, partition, object, lines: tally.lines });
  return learned;
}

async function isShown({ warehouse }: Dependencies, partition: PartitionRef, { key }: StoredObject): Promise<boolean> {
  return (await readVisible(warehouse.sql, partition)).some(({ objectKey }) => objectKey === key);
}
