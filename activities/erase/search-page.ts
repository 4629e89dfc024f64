import { cancellationSignal } from '@temporalio/activity';
import { StoredObjectLostError } from '../../lake/errors.ts';
import { listKept } from '../../lake/list-kept.ts';
import { readKeyStart } from '../../lake/object-keys.ts';
import type { ParquetTextsReader } from '../../lake/open-parquet-texts.ts';
import { readAhead } from '../../lake/read-ahead.ts';
import type { ReadAheadLimits } from '../../lake/read-ahead.ts';
import { readPartitionFolder, readStoredKey } from '../../lake/read-partition-folder.ts';
import { searchMerged } from '../../lake/rewrite-merged.ts';
import type { PipelineName } from '../../model/asset-key.ts';
import { addErasureCounts, NOTHING_FOUND } from '../../model/erasure.ts';
import type { ErasureCounts } from '../../model/erasure.ts';
import type { PartitionRef } from '../../model/partition.ts';
import { readVisible } from '../../warehouse/read-ledger.ts';
import { suppress } from '../../warehouse/suppress.ts';
import { getPipeline } from '../dependencies.ts';
import type { Dependencies } from '../dependencies.ts';
import { eraseCopy, eraseObject } from './erase-object.ts';
import { UndeclaredCopyError } from './errors.ts';
import { listSearched, SEARCH_PAGE } from './list-searched.ts';
import type { SearchedObject } from './list-searched.ts';
import { changeBy, createSuppression, createTally } from './open-suppression.ts';
import { readRequest } from './read-request.ts';
import { findTable, isUntold, searchCopy } from './search-copy.ts';
import type { CopySearch } from './search-copy.ts';

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

/** What an object has of the person, and how to take it out. */
interface Finding {
  readonly found: ErasureCounts;
  /** Returns how many ids came to light. */
  readonly erase: () => Promise<number>;
}

/** Garbage of this age is the garbage collector's too: no run that is under way has put it. */
const OLD_MS = 24 * 3_600_000;

/** Most objects are small, and what they cost is the way to the store. */
const SIDE_BY_SIDE: ReadAheadLimits = { atOnce: 8, budget: 32 * 1_024 * 1_024 };
const ONE_BY_ONE: ReadAheadLimits = { atOnce: 1, budget: 0 };

/**
 * Searches the next objects of the lake for the person: merged objects, those too that no window shows any more, then
 * what was made of such. In the mode `erase` each that holds some is erased. Safe to repeat: what is erased is not found
 * again.
 */
export async function searchPage(dependencies: Dependencies, input: SearchPageInput): Promise<SearchedPage> {
  const { lake, pipelines } = dependencies;
  const { pipeline, after, mode } = input;
  const objects = await listSearched(lake, pipeline, { after, signal: cancellationSignal() });
  const { spec } = getPipeline({ pipelines }, pipeline);
  let parquet: Promise<ParquetTextsReader> | undefined;
  const openParquet = (): Promise<ParquetTextsReader> =>
    (parquet ??= import('../../lake/open-parquet-texts.ts').then((module) => module.openParquetTexts(lake)));
  const search: CopySearch = { lake, spec, suppression: await openRequested(dependencies, input), openParquet };
  let found = NOTHING_FOUND;
  let learned = 0;
  const searchAll = async (some: readonly SearchedObject[], limits: ReadAheadLimits): Promise<void> => {
    const reads = some.map((object) => ({
      // One reader of Parquet serves the page, one file after the other.
      cost: object.kind === 'parquet' ? SIDE_BY_SIDE.budget : object.size,
      read: () => findIn(dependencies, input, search, object),
    }));
    for await (const finding of readAhead(reads, limits)) {
      if (!finding) continue;
      found = addErasureCounts(found, finding.found);
      if (mode === 'erase') learned += await finding.erase();
    }
  };
  try {
    await searchAll(
      objects.filter(({ kind }) => kind === 'lines'),
      SIDE_BY_SIDE,
    );
    // What was made of a window's lines goes with them: erasing looks when it is there, and finds no more than is left.
    await searchAll(
      objects.filter(({ kind }) => kind !== 'lines'),
      mode === 'erase' ? ONE_BY_ONE : SIDE_BY_SIDE,
    );
  } finally {
    (await parquet)?.close();
  }
  return { found, learned, after: objects.length < SEARCH_PAGE ? null : (objects.at(-1)?.key ?? null) };
}

/**
 * The list of the one person whom the request is about, as far as she is known when the page begins. What comes to light
 * on the page is for the next pass, which it leads to.
 */
async function openRequested(
  { warehouse, pipelines, erasureKeys = [] }: Dependencies,
  { erasure, pipeline }: SearchPageInput,
): Promise<CopySearch['suppression']> {
  const { identifiers } = await readRequest(warehouse, erasure, pipeline);
  return createSuppression(getPipeline({ pipelines }, pipeline).spec, erasureKeys, identifiers);
}

/** Undefined where the object has nothing of the person. */
async function findIn(
  dependencies: Dependencies,
  input: SearchPageInput,
  search: CopySearch,
  { kind, ...object }: SearchedObject,
): Promise<Finding | undefined> {
  try {
    return kind === 'lines'
      ? await findLines(dependencies, input, search, object)
      : await findMade(dependencies, input, search, { ...object, kind });
  } catch (error) {
    if (!(error instanceof StoredObjectLostError) || (await isKept(dependencies, object.key))) throw error;
    // It went since it was listed, with others of its window.
    return undefined;
  }
}

async function findLines(
  dependencies: Dependencies,
  { erasure, pipeline }: SearchPageInput,
  { lake, spec, suppression }: CopySearch,
  { version, ...listed }: Omit<SearchedObject, 'kind'>,
): Promise<Finding | undefined> {
  const object = readStoredKey(listed);
  const start = readPartitionFolder('raw', spec.window, pipeline, listed.key);
  if (!object || start === undefined) return undefined;
  const partition: PartitionRef = { pipeline, start };
  const tally = createTally();
  const change = changeBy(spec, suppression, tally);
  await searchMerged(lake, { object, change, version, signal: cancellationSignal() });
  const { lines, learned: identifiers } = tally;
  if (lines === 0) return undefined;
  const windows = (await isNamed(dependencies, partition, object.key)) ? 1 : 0;
  return {
    found: { ...NOTHING_FOUND, objects: 1, lines, windows },
    erase: async () => {
      const learned = await suppress(dependencies.warehouse, { pipeline, erasure, identifiers });
      await eraseObject(dependencies, { erasure, partition, key: object.key, lines });
      return learned;
    },
  };
}

async function findMade(
  dependencies: Dependencies,
  { erasure, pipeline, mode }: SearchPageInput,
  search: CopySearch,
  object: SearchedObject & { readonly kind: 'staged' | 'parquet' | 'log' },
): Promise<Finding | undefined> {
  const { key, kind, lastModified } = object;
  const start = readKeyStart(key);
  if (start === undefined) return undefined;
  const partition: PartitionRef = { pipeline, start };
  const table = findTable(search.spec, key);
  const isHers = await searchCopy(search, object);
  const isForgotten =
    !isHers && mode === 'erase' && table && isUntold(table, search.spec) && lastModified < Date.now() - OLD_MS;
  if (!isHers && !(isForgotten === true && !(await isNamed(dependencies, partition, key)))) return undefined;
  return {
    found: { ...NOTHING_FOUND, copies: 1 },
    erase: async () => {
      if (kind === 'parquet' && !table) throw new UndeclaredCopyError(key);
      await eraseCopy(dependencies, { erasure, partition, key, kind });
      return 0;
    },
  };
}

async function isNamed({ warehouse }: Dependencies, partition: PartitionRef, key: string): Promise<boolean> {
  return (await readVisible(warehouse.sql, partition)).some(({ objectKey }) => objectKey === key);
}

async function isKept({ lake }: Dependencies, key: string): Promise<boolean> {
  for await (const kept of listKept(lake, { prefix: key, signal: cancellationSignal() }))
    if (kept.key === key) return true;
  return false;
}
