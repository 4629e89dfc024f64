import type { AssetKey } from './asset-key.ts';
import { nodeOf, planWaves } from './graph.ts';
import type { AssetGraph, DerivedNode } from './graph.ts';
import { begunWindows, intersectRanges, uniteRanges } from './index-ranges.ts';
import type { IndexRange, IndexRanges } from './index-ranges.ts';
import { derivedRange, WHOLE } from './mapping.ts';
import type { PipelineSpec } from './pipeline-spec.ts';
import { windowIndex } from './window.ts';
import type { Instant } from './window.ts';

/** Windows of one derived asset. */
export interface DerivedRanges {
  readonly node: DerivedNode;
  /** Not empty. The window `WHOLE` where the asset has no partitions. */
  readonly ranges: IndexRanges;
}

/** Windows by asset that were, or will be, made. */
export type MadeWindows = ReadonlyMap<AssetKey, IndexRanges>;

/** All assets of a pipeline in these windows. */
export function madeByPipeline({ events, tables }: PipelineSpec, ranges: IndexRanges): MadeWindows {
  return new Map([events, ...tables].map(({ asset }) => [asset, ranges]));
}

/** The windows of a pipeline's tables that begin at these starts, beside those that are there already. */
export function withStarts(
  made: MadeWindows,
  { window }: PipelineSpec,
  starts: readonly { readonly asset: AssetKey; readonly start: Instant }[],
): MadeWindows {
  const ranges = new Map<AssetKey, IndexRange[]>();
  for (const { asset, start } of starts) {
    const index = windowIndex(window, start);
    const before = ranges.get(asset);
    if (before) before.push({ from: index, to: index + 1 });
    else ranges.set(asset, [{ from: index, to: index + 1 }]);
  }
  const added = [...ranges].map(([asset, more]) => [asset, uniteRanges(made.get(asset) ?? [], more)] as const);
  return new Map([...made, ...added]);
}

/**
 * The derived windows that read what was made, without those that read these in turn: whom to tell. Windows that have
 * not begun are left out: nothing is computed ahead of its time.
 */
export function findReached(graph: AssetGraph, made: MadeWindows, now: Instant): readonly DerivedRanges[] {
  return [...graph.values()].flatMap((node) => (node.kind === 'derived' ? reachedOf(graph, node, made, now) : []));
}

/**
 * All derived windows that are out of date once this is made, in waves: each asset after all that it reads. What a
 * backfill makes after its hours.
 */
export function planReached(graph: AssetGraph, made: MadeWindows, now: Instant): readonly (readonly DerivedRanges[])[] {
  const all = new Map(made);
  const waves = planWaves(graph).map((wave) => {
    const reached = wave.flatMap((key) => {
      const node = nodeOf(graph, key);
      return node.kind === 'derived' ? reachedOf(graph, node, all, now) : [];
    });
    for (const { node, ranges } of reached) all.set(node.key, uniteRanges(all.get(node.key) ?? [], ranges));
    return reached;
  });
  return waves.filter((wave) => wave.length > 0);
}

function reachedOf(graph: AssetGraph, node: DerivedNode, made: MadeWindows, now: Instant): DerivedRanges[] {
  const { window } = node;
  const pieces = node.reads.flatMap(({ asset, mapping }): IndexRange[] =>
    (made.get(asset) ?? []).map((range) =>
      derivedRange(mapping, { window: nodeOf(graph, asset).window, range }, window),
    ),
  );
  const ranges = intersectRanges(uniteRanges(pieces), [window ? begunWindows(window, now) : WHOLE]);
  return ranges.length > 0 ? [{ node, ranges }] : [];
}
