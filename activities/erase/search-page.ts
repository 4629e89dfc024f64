import { cancellationSignal } from '@temporalio/activity';
import { StoredObjectLostError } from '../../lake/errors.ts';
import { listKept } from '../../lake/list-kept.ts';
import { readKeyStart } from '../../lake/object-keys.ts';
import type { ParquetTextsReader } from '../../lake/open-parquet-texts.ts';
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

/** What one object gave. */
type Searched = Pick<SearchedPage, 'found' | 'learned'>;

const NOTHING: Searched = { found: NOTHING_FOUND, learned: 0 };

/** Garbage of this age is the garbage collector's too: no run that is under way has put it. */
const OLD_MS = 24 * 3_600_000;

/**
 * Searches the next objects of the lake for the person: merged objects, those too that no window shows any more, then
 * what was made of such. In the mode `erase` each that holds some is erased before the next is searched. Safe to repeat:
 * what is erased is not found again.
 */
export async function searchPage(dependencies: Dependencies, input: SearchPageInput): Promise<SearchedPage> {
  const { lake, pipelines } = dependencies;
  const { pipeline, after } = input;
  const objects = await listSearched(lake, pipeline, { after, signal: cancellationSignal() });
  const { spec } = getPipeline({ pipelines }, pipeline);
  let parquet: Promise<ParquetTextsReader> | undefined;
  const openParquet = (): Promise<ParquetTextsReader> =>
    (parquet ??= import('../../lake/open-parquet-texts.ts').then((module) => module.openParquetTexts(lake)));
  let suppression = await openRequested(dependencies, input);
  let { found, learned } = NOTHING;
  try {
    for (const object of objects) {
      const search: CopySearch = { lake, spec, suppression, openParquet };
      const searched = await searchObject(dependencies, input, search, object).catch(async (error: unknown) => {
        if (!(error instanceof StoredObjectLostError) || (await isKept(dependencies, object.key))) throw error;
        // It went since it was listed, with others of its window.
        return NOTHING;
      });
      found = addErasureCounts(found, searched.found);
      learned += searched.learned;
      if (searched.learned > 0) suppression = await openRequested(dependencies, input);
    }
  } finally {
    (await parquet)?.close();
  }
  return { found, learned, after: objects.length < SEARCH_PAGE ? null : (objects.at(-1)?.key ?? null) };
}

/** The list of the one person whom the request is about, as far as she is known. */
async function openRequested(
  { warehouse, pipelines, erasureKeys = [] }: Dependencies,
  { erasure, pipeline }: SearchPageInput,
): Promise<CopySearch['suppression']> {
  const { identifiers } = await readRequest(warehouse, erasure, pipeline);
  return createSuppression(getPipeline({ pipelines }, pipeline).spec, erasureKeys, identifiers);
}

async function searchObject(
  dependencies: Dependencies,
  input: SearchPageInput,
  search: CopySearch,
  { kind, ...object }: SearchedObject,
): Promise<Searched> {
  return kind === 'lines'
    ? searchLines(dependencies, input, search, object)
    : searchMade(dependencies, input, search, { ...object, kind });
}

async function searchLines(
  dependencies: Dependencies,
  { erasure, pipeline, mode }: SearchPageInput,
  { lake, spec, suppression }: CopySearch,
  { version, ...listed }: Omit<SearchedObject, 'kind'>,
): Promise<Searched> {
  const object = readStoredKey(listed);
  const start = readPartitionFolder('raw', spec.window, pipeline, listed.key);
  if (!object || start === undefined) return NOTHING;
  const partition: PartitionRef = { pipeline, start };
  const tally = createTally();
  const change = changeBy(spec, suppression, tally);
  await searchMerged(lake, { object, change, version, signal: cancellationSignal() });
  const { lines } = tally;
  if (lines === 0) return NOTHING;
  const windows = (await isNamed(dependencies, partition, object.key)) ? 1 : 0;
  let learned = 0;
  if (mode === 'erase') {
    learned = await suppress(dependencies.warehouse, { pipeline, erasure, identifiers: tally.learned });
    await eraseObject(dependencies, { erasure, partition, key: object.key, lines });
  }
  return { found: { ...NOTHING_FOUND, objects: 1, lines, windows }, learned };
}

async function searchMade(
  dependencies: Dependencies,
  { erasure, pipeline, mode }: SearchPageInput,
  search: CopySearch,
  object: SearchedObject & { readonly kind: 'staged' | 'parquet' | 'log' },
): Promise<Searched> {
  const { key, kind, lastModified } = object;
  const start = readKeyStart(key);
  if (start === undefined) return NOTHING;
  const partition: PartitionRef = { pipeline, start };
  const table = findTable(search.spec, key);
  const isHers = await searchCopy(search, object);
  const isForgotten =
    !isHers && mode === 'erase' && table && isUntold(table, search.spec) && lastModified < Date.now() - OLD_MS;
  if (!isHers && !(isForgotten === true && !(await isNamed(dependencies, partition, key)))) return NOTHING;
  if (mode === 'erase') {
    if (kind === 'parquet' && !table) throw new UndeclaredCopyError(key);
    await eraseCopy(dependencies, { erasure, partition, key, kind });
  }
  return { found: { ...NOTHING_FOUND, copies: 1 }, learned: 0 };
}

async function isNamed({ warehouse }: Dependencies, partition: PartitionRef, key: string): Promise<boolean> {
  return (await readVisible(warehouse.sql, partition)).some(({ objectKey }) => objectKey === key);
}

async function isKept({ lake }: Dependencies, key: string): Promise<boolean> {
  for await (const kept of listKept(lake, { prefix: key, signal: cancellationSignal() }))
    if (kept.key === key) return true;
  return false;
}
