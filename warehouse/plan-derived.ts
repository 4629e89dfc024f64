import type { AssetGraph, DerivedNode } from '../model/graph.ts';
import { nodeOf } from '../model/graph.ts';
import { intersectRanges, subtractRanges, timeOf, uniteRanges } from '../model/index-ranges.ts';
import type { IndexRange, IndexRanges } from '../model/index-ranges.ts';
import { listInputs } from '../model/list-inputs.ts';
import type { InputWindows } from '../model/list-inputs.ts';
import { derivedRange, WHOLE } from '../model/mapping.ts';
import { derivedPartition, WHOLE_START } from '../model/partition.ts';
import { planBackfill } from '../model/plan.ts';
import type { BackfillOnly, PlannedRange } from '../model/plan.ts';
import { windowAt, windowIndex } from '../model/window.ts';
import type { Instant, Window } from '../model/window.ts';
import { findChangedInputs } from './find-changed-inputs.ts';
import type { Queryable } from './open-warehouse.ts';
import { readFailedRanges } from './read-failed-ranges.ts';
import { readMadeRanges } from './read-made-ranges.ts';

export interface DerivedPlanQuestion {
  readonly ranges: IndexRanges;
  readonly only: BackfillOnly;
  readonly now: Instant;
}

/** Which partitions of a derived asset are to be made. */
export interface DerivedPlan {
  readonly planned: readonly PlannedRange[];
  /**
   * Partitions that would be in the plan, if what they are made of were there: none of it, or not all where the asset
   * is computed from all of it only.
   */
  readonly lacking: IndexRanges;
}

/**
 * The plan of a derived asset by what the ledger says now. A partition that was never made is left out while there is
 * nothing to compute it from; one that is made is judged by the inputs there are, even if that is none any more.
 */
export async function planDerived(
  sql: Queryable,
  graph: AssetGraph,
  node: DerivedNode,
  { ranges, only, now }: DerivedPlanQuestion,
): Promise<DerivedPlan> {
  const [first, last] = [ranges[0], ranges.at(-1)];
  if (!first || !last) return { planned: [], lacking: [] };
  const { key, window, codeVersion } = node;
  const range = { from: first.from, to: last.to };
  const within = timeOfPartitions(node, range);
  const made = await readMadeRanges(sql, { assets: [key], window, within });
  const question = {
    only,
    assets: [{ asset: key, codeVersion }],
    events: undefined,
    made,
    // Comparing costs a look at every input of every partition; a plan of what is missing shows nothing of it.
    inputChanged: only === 'missing' ? [] : await findChangedInputs(sql, graph, node, within, now),
    failed: await readFailedRanges(sql, { pipeline: derivedPartition(key, WHOLE_START).pipeline, window, within }),
  };
  const ready = uniteRanges(made, await readReady(sql, graph, node, range, now));
  return {
    planned: planBackfill({ ...question, ranges: intersectRanges(ranges, ready) }),
    lacking: uniteRanges(planBackfill({ ...question, ranges: subtractRanges(ranges, ready) })),
  };
}

/** The partitions within a range for which inputs are there: any, or all where the asset wants all. */
async function readReady(
  sql: Queryable,
  graph: AssetGraph,
  { derived, window }: DerivedNode,
  range: IndexRange,
  now: Instant,
): Promise<IndexRanges> {
  const there: IndexRange[] = [];
  const absent: IndexRange[] = [];
  for (const [position, { asset, mapping }] of derived.reads.entries()) {
    const input = nodeOf(graph, asset).window;
    const within = inputsOfRange(graph, { derived, window }, range, now)[position];
    if (!within) continue;
    const made = uniteRanges(await readMadeRanges(sql, { assets: [asset], window: input, within }));
    const wanted = input
      ? { from: windowIndex(input, within.start), to: windowIndex(input, within.end - 1) + 1 }
      : WHOLE;
    const reach = (part: IndexRange): IndexRange => derivedRange(mapping, { window: input, range: part }, window);
    there.push(...made.map(reach));
    absent.push(...subtractRanges(wanted.from < wanted.to ? [wanted] : [], made).map(reach));
  }
  const ready = intersectRanges(uniteRanges(there), [range]);
  return derived.when === 'complete' ? subtractRanges(ready, uniteRanges(absent)) : ready;
}

/** For each read in turn, all that the partitions of a range are made of: from the first one's to the last one's. */
function inputsOfRange(
  graph: AssetGraph,
  { derived, window }: Pick<DerivedNode, 'derived' | 'window'>,
  { from, to }: IndexRange,
  now: Instant,
): readonly InputWindows[] {
  const inputsOf = (index: number) =>
    listInputs(graph, derived, window ? windowAt(window, index).start : WHOLE_START, now).ranges;
  const ends = inputsOf(to - 1);
  return inputsOf(from).map((input, position) => ({ ...input, end: ends[position]?.end ?? input.end }));
}

function timeOfPartitions({ window }: DerivedNode, range: IndexRange): Window {
  return window ? timeOf(window, range) : { start: WHOLE_START, end: WHOLE_START + 1 };
}
