import { cancellationSignal } from '@temporalio/activity';
import { listInventory } from '../../lake/list-inventory.ts';
import { listPartition } from '../../lake/list-partition.ts';
import { manifestDigest } from '../../lake/manifest-digest.ts';
import { awaitedDocuments } from '../../model/awaited-documents.ts';
import { findMade } from '../../model/find-made.ts';
import { getListedSource } from '../../model/get-listed-source.ts';
import { countWindows, listIndexes, timeOf, uniteRanges } from '../../model/index-ranges.ts';
import type { LedgerEntry } from '../../model/ledger-entry.ts';
import { mayRetry } from '../../model/may-retry.ts';
import type { PipelineSpec } from '../../model/pipeline-spec.ts';
import { windowAt } from '../../model/window.ts';
import { isNothing } from '../../model/source-object.ts';
import type { Manifest } from '../../model/source-object.ts';
import type { Instant, Window } from '../../model/window.ts';
import { watchedWindows } from '../../model/watched-windows.ts';
import { listFailures } from '../../warehouse/list-failures.ts';
import type { LastFailure } from '../../warehouse/list-failures.ts';
import { readMade } from '../../warehouse/read-made.ts';
import { digestHourTried } from '../digest-tried.ts';
import type { Dependencies } from '../dependencies.ts';
import { findUnmade } from './find-unmade.ts';

type Reach = Pick<Dependencies, 'lake' | 'warehouse'>;

export interface FindHoursOptions {
  /** Windows from here on are promised; older ones that were never made and have no files are nobody's concern. */
  readonly promisedFrom: Instant;
  readonly now: Instant;
}

/** One pass starts no more: the next one comes soon. */
const MAX_FOUND = 500;

/** How many windows are listed at once. */
const LISTINGS = 8;

/**
 * The windows of a pipeline to start, the newest first. Inside the lateness window each one's files are compared with the
 * ledger; before it, windows of a longer outage are found by the ledger alone. The cost grows with these two and not
 * with the pipeline's history.
 */
export async function findHoursToStart(
  reach: Reach,
  spec: PipelineSpec,
  { promisedFrom, now }: FindHoursOptions,
): Promise<readonly Instant[]> {
  const { listed, missed } = watchedWindows(spec, { promisedFrom, now });
  const all = uniteRanges([listed, missed]);
  if (countWindows(all) === 0) return [];
  const within = timeOf(spec.window, { from: all[0]?.from ?? 0, to: all.at(-1)?.to ?? 0 });
  const failures = await listFailures(reach.warehouse.sql, {
    pipeline: spec.name,
    within,
    limit: countWindows(all),
  });
  const failureOf = new Map(failures.map((failure) => [failure.partition.start, failure]));

  const changed = await findChanged(reach, spec, [...listIndexes(uniteRanges([listed]), 'newest')], {
    failureOf,
    promisedFrom,
    now,
  });
  const unmade = [...listIndexes(await findUnmade(reach.warehouse.sql, spec, uniteRanges([missed])), 'newest')]
    .map((index) => windowAt(spec.window, index).start)
    .filter((start) => mayRetry(failureOf.get(start), [], now));
  return [...changed, ...unmade].slice(0, MAX_FOUND);
}

interface Known extends FindHoursOptions {
  readonly failureOf: ReadonlyMap<Instant, LastFailure>;
}

/** Of these windows, those whose files or code are not what the ledger says they were made of. */
async function findChanged(
  reach: Reach,
  spec: PipelineSpec,
  indexes: readonly number[],
  known: Known,
): Promise<readonly Instant[]> {
  if (indexes.length === 0) return [];
  const within = timeOf(spec.window, { from: Math.min(...indexes), to: Math.max(...indexes) + 1 });
  const visible = await readVisibleWithin(reach, spec, within);
  if (spec.source.kind === 'code') return findNotCurrent(spec, indexes, visible, known);
  const list = await openListing(reach, spec, within);
  const found = new Set<Instant>();
  const waiting = indexes.values();
  const compareNext = async (): Promise<void> => {
    for (const index of waiting) {
      const window = windowAt(spec.window, index);
      const made = visible.get(window.start) ?? [];
      if (isToStart(spec, window, await list(window), made, known)) found.add(window.start);
    }
  };
  await Promise.all(Array.from({ length: LISTINGS }, compareNext));
  return [...found].sort((a, b) => b - a);
}

/**
 * A function cannot be asked whether it would yield something else: its windows are looked at by the ledger alone, for
 * those that are promised and were never made, or by other code.
 */
function findNotCurrent(
  spec: PipelineSpec,
  indexes: readonly number[],
  visible: ReadonlyMap<Instant, readonly LedgerEntry[]>,
  { failureOf, promisedFrom, now }: Known,
): readonly Instant[] {
  const present = [digestHourTried(spec, undefined)];
  return indexes
    .map((index) => windowAt(spec.window, index).start)
    .filter((start) => {
      const made = visible.get(start) ?? [];
      const isCurrent = [spec.events, ...spec.tables].every(({ asset, codeVersion }) =>
        made.some((entry) => entry.asset === asset && entry.codeVersion === codeVersion),
      );
      if (isCurrent || (made.length === 0 && start < promisedFrom)) return false;
      return mayRetry(failureOf.get(start), present, now);
    });
}

/**
 * How a pass sees the windows within a stretch of time: each on its own where names tell the time; all from one
 * inventory of the whole prefix, taken here, where LastModified does.
 */
async function openListing(
  { lake }: Reach,
  spec: PipelineSpec,
  within: Window,
): Promise<(window: Window) => Manifest | Promise<Manifest>> {
  const signal = cancellationSignal();
  const source = getListedSource(spec);
  if (source.kind !== 's3' || source.hourOf === 'keyTime') {
    return (window) => listPartition(lake, source, window, { signal });
  }
  const inventory = await listInventory(lake, source, within, { signal });
  return (window) => inventory.manifestOf(window);
}

function isToStart(
  spec: PipelineSpec,
  window: Window,
  manifest: Manifest,
  visible: readonly LedgerEntry[],
  { failureOf, promisedFrom, now }: Known,
): boolean {
  const digest = manifestDigest(manifest);
  if (findMade(spec, visible, digest, undefined)) return false;
  const failure = failureOf.get(window.start);
  const present = [digestHourTried(spec, digest), digestHourTried(spec, undefined)];
  if (isNothing(manifest)) {
    // A run of it would end as waiting, which it is without one, unless the last one failed.
    const isAwaited = awaitedDocuments(spec, window.start, now) !== undefined;
    if (isAwaited && !failure) return false;
    if (!isAwaited && visible.length === 0 && window.start < promisedFrom) return false;
  }
  return mayRetry(failure, present, now);
}

/** What the ledger has of these windows, in one statement for each asset. */
async function readVisibleWithin(
  { warehouse }: Reach,
  spec: PipelineSpec,
  within: Window,
): Promise<ReadonlyMap<Instant, readonly LedgerEntry[]>> {
  const visible = new Map<Instant, LedgerEntry[]>();
  for (const { asset } of [spec.events, ...spec.tables]) {
    for await (const page of readMade(warehouse.sql, { asset, within })) {
      for (const entry of page) visible.set(entry.start, [...(visible.get(entry.start) ?? []), entry]);
    }
  }
  return visible;
}
