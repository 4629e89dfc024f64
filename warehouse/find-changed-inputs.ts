import type { AssetGraph, DerivedNode } from '../model/graph.ts';
import { uniteRanges } from '../model/index-ranges.ts';
import type { IndexRange, IndexRanges } from '../model/index-ranges.ts';
import { listInputs } from '../model/list-inputs.ts';
import { WHOLE } from '../model/mapping.ts';
import { windowIndex } from '../model/window.ts';
import type { Instant, Window } from '../model/window.ts';
import { digestInputs } from './digest-inputs.ts';
import type { Queryable } from './open-warehouse.ts';
import { readMade } from './read-made.ts';

/** The made partitions of a derived asset whose inputs are not what they were when it was computed. */
export async function findChangedInputs(
  sql: Queryable,
  graph: AssetGraph,
  { key, derived, window }: DerivedNode,
  within: Window,
  now: Instant,
): Promise<IndexRanges> {
  const changed: IndexRange[] = [];
  for await (const page of readMade(sql, { asset: key, within })) {
    const inputs = page.map(({ start }) => listInputs(graph, derived, start, now).ranges);
    for (const [position, { digest }] of (await digestInputs(sql, inputs)).entries()) {
      const made = page[position];
      if (!made || made.inputDigest === digest) continue;
      const index = window ? windowIndex(window, made.start) : WHOLE.from;
      changed.push({ from: index, to: index + 1 });
    }
  }
  return uniteRanges(changed);
}
