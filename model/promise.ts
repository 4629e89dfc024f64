import type { PipelineName } from './asset-key.ts';
import { listUpstream, nodeOf } from './graph.ts';
import type { AssetGraph, AssetNode } from './graph.ts';
import type { IndexRange } from './index-ranges.ts';
import type { PipelineSpec } from './pipeline-spec.ts';
import { windowIndex } from './window.ts';
import type { Instant, WindowSpec } from './window.ts';

/** What an asset promises: windows that begin at `from` or later are there this long after their end. */
export interface FreshnessPromise {
  readonly promiseMs: number;
  readonly from: Instant;
}

/** What a definition says of its promise. */
interface Promising {
  readonly promiseMs?: number | undefined;
  readonly promisedFrom?: Instant | undefined;
}

/** More are not looked after: an older gap is a backfill's, and was told when it was new. */
const MAX_DUE = 5_000;

/**
 * From when on an asset's windows are promised: as its definition says, else since its schedule was made. Undefined where
 * it has neither, or promises nothing.
 */
export function promiseOf(spec: Promising, scheduledFrom: Instant | undefined): FreshnessPromise | undefined {
  const from = spec.promisedFrom ?? scheduledFrom;
  return spec.promiseMs === undefined || from === undefined ? undefined : { promiseMs: spec.promiseMs, from };
}

/** The windows that were promised to be there by now, at most the newest 5,000. Empty where there are none. */
export function dueWindows(window: WindowSpec, { promiseMs, from }: FreshnessPromise, now: Instant): IndexRange {
  const to = windowIndex(window, now - promiseMs);
  // The first window that begins at `from` or later.
  const first = Math.max(windowIndex(window, Math.max(from, window.first) - 1) + 1, to - MAX_DUE);
  return { from: Math.min(first, to), to };
}

/** The pipelines that an asset comes from: its own, or all that it is computed from, however far up. */
export function pipelinesOf(graph: AssetGraph, node: AssetNode): readonly PipelineSpec[] {
  const nodes = [node, ...listUpstream(graph, node.key).map((key) => nodeOf(graph, key))];
  const found = nodes.flatMap((each) =>
    each.kind === 'derived' ? [] : [[each.pipeline.name, each.pipeline] as const],
  );
  return [...new Map(found).values()];
}

/**
 * What an asset promises. One that is computed from others promises nothing from before all schedules were there that it
 * follows from. `scheduledFrom` says since when each pipeline has one; those without are not in it.
 */
export function promiseOfNode(
  graph: AssetGraph,
  node: AssetNode,
  scheduledFrom: ReadonlyMap<PipelineName, Instant>,
): FreshnessPromise | undefined {
  const since = pipelinesOf(graph, node).map(({ name }) => scheduledFrom.get(name));
  const known = since.flatMap((at) => at ?? []);
  const from = known.length === since.length ? Math.max(...known) : undefined;
  return promiseOf(node.kind === 'derived' ? node.derived : node.pipeline, from);
}
