import type { AssetKey, PipelineName } from './asset-key.ts';
import { madeByPipeline } from './find-reached.ts';
import type { MadeWindows } from './find-reached.ts';
import type { AssetGraph, DerivedNode } from './graph.ts';
import { begunWindows, endedWindows } from './index-ranges.ts';
import type { IndexRange, IndexRanges } from './index-ranges.ts';
import { WHOLE } from './mapping.ts';
import { derivedPartition, WHOLE_START } from './partition.ts';
import type { PipelineSpec } from './pipeline-spec.ts';
import type { Instant, WindowSpec } from './window.ts';

/** What a backfill makes: the windows of a pipeline, or the partitions of one derived asset. */
export type BackfillTarget =
  | { readonly kind: 'pipeline'; readonly pipeline: PipelineSpec }
  | { readonly kind: 'derived'; readonly node: DerivedNode };

/**
 * The target under this maker's name, which is how a backfill is recorded and how its mailbox is called: a pipeline's
 * own, or the key of a derived asset (see `derivedPartition`). Undefined where none is defined.
 */
export function findTarget(graph: AssetGraph, maker: PipelineName): BackfillTarget | undefined {
  const node = graph.get(maker as string as AssetKey);
  if (node?.kind === 'derived') return { kind: 'derived', node };
  for (const each of graph.values()) {
    if (each.kind !== 'derived' && each.pipeline.name === maker) return { kind: 'pipeline', pipeline: each.pipeline };
  }
  return undefined;
}

/** Under which name locks, ledger, failures and backfills have it. */
export function makerOfTarget(target: BackfillTarget): PipelineName {
  return target.kind === 'pipeline' ? target.pipeline.name : derivedPartition(target.node.key, WHOLE_START).pipeline;
}

/** Undefined where it is an asset without partitions. */
export function windowOfTarget(target: BackfillTarget): WindowSpec | undefined {
  return target.kind === 'pipeline' ? target.pipeline.window : target.node.window;
}

/**
 * The windows that may be made at an instant. A pipeline's must be over and settled: a run of another would only wait
 * for what its schedule waits for. A derived one computes from what is there, so it must only have begun.
 */
export function allowedWindows(target: BackfillTarget, now: Instant): IndexRange {
  if (target.kind === 'pipeline') return endedWindows(target.pipeline.window, now - target.pipeline.settleMs);
  return target.node.window ? begunWindows(target.node.window, now) : WHOLE;
}

/** What there is once these windows of it are made: whatever reads that is computed after. */
export function madeByTarget(target: BackfillTarget, ranges: IndexRanges): MadeWindows {
  return target.kind === 'pipeline' ? madeByPipeline(target.pipeline, ranges) : new Map([[target.node.key, ranges]]);
}
