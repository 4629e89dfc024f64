import type { Definitions } from '../define/definitions.ts';
import type { AssetGraph } from '../model/graph.ts';
import { endedWindows } from '../model/index-ranges.ts';
import type { PipelineSpec } from '../model/pipeline-spec.ts';
import type { BackfillOnly, BackfillOrder } from '../model/plan.ts';
import type { Instant } from '../model/window.ts';
import { UsageError } from './errors.ts';
import { findMaker, graphOf } from './find-asset.ts';
import type { BackfillWish } from './plan-backfill.ts';
import { readRange } from './read-range.ts';
import type { RangeOptions } from './read-range.ts';

/** What a person wrote of a backfill. */
export interface WishOptions extends RangeOptions {
  readonly asset: string;
  readonly only: string;
  readonly order: string;
  /** Of a replay: windows that hold something back for this reason only. */
  readonly reason?: string;
}

/** What was meant by it. */
export interface ReadWish {
  readonly graph: AssetGraph;
  readonly wish: BackfillWish;
  readonly order: BackfillOrder;
}

/** Reads what is to be made; `note` hears what was left out. Throws a `UsageError` for what cannot be meant. */
export function readWish(
  definitions: Definitions,
  { asset, only, order, reason, ...ends }: WishOptions,
  note: (line: string) => void,
  now: Instant,
): ReadWish {
  const graph = graphOf(definitions);
  const pipeline = findMakingPipeline(definitions, graph, asset, note);
  const which = readOnly(only);
  const by = readOrder(order);
  const { name, window, settleMs } = pipeline;
  const allowed = endedWindows(window, now - settleMs);
  const { range, note: cut } = readRange({ name, window, allowed, because: 'is over and settled' }, ends);
  if (cut !== undefined) note(cut);
  return { graph, wish: { pipeline, range, only: which, ...(reason === undefined ? {} : { reason }) }, order: by };
}

/** A window's run makes all assets of its pipeline, so a backfill of one of them is one of them all. */
function findMakingPipeline(
  { pipelines }: Definitions,
  graph: AssetGraph,
  asset: string,
  note: (line: string) => void,
): PipelineSpec {
  const maker = findMaker(graph, asset);
  const pipeline = pipelines.get(maker)?.spec;
  if (!pipeline) {
    throw new UsageError(
      `${asset} is computed from other assets. Backfill the pipeline that it reads; its own windows follow by themselves, and with --only derived alone.`,
    );
  }
  if (asset !== pipeline.name) note(`${asset} is made with the other assets of ${pipeline.name}, window by window.`);
  return pipeline;
}

function readOnly(only: string): BackfillOnly {
  switch (only) {
    case 'missing':
    case 'failed':
    case 'stale':
    case 'quarantined':
    case 'derived':
    case 'all':
      return only;
    default:
      throw new UsageError(
        `--only "${only}" chooses nothing. There is: missing, failed, stale, quarantined, derived, all.`,
      );
  }
}

function readOrder(order: string): BackfillOrder {
  if (order === 'oldest' || order === 'newest') return order;
  throw new UsageError(`--order "${order}" is no order. There is: oldest, newest.`);
}
