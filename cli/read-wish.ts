import type { Definitions } from '../define/definitions.ts';
import type { AssetGraph } from '../model/graph.ts';
import { allowedWindows, makerOfTarget, windowOfTarget } from '../model/backfill-target.ts';
import type { BackfillTarget } from '../model/backfill-target.ts';
import type { BackfillOnly, BackfillOrder } from '../model/plan.ts';
import type { Instant } from '../model/window.ts';
import { UsageError } from './errors.ts';
import { findMeant, graphOf } from './find-asset.ts';
import type { BackfillWish } from './plan-backfill.ts';
import { readRange } from './read-range.ts';
import type { RangeOptions, ReadRange } from './read-range.ts';

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
  const target = findMeant(graph, asset, note);
  const which = readOnly(only);
  const by = readOrder(order);
  const { range, note: cut } = readTargetRange(target, ends, now);
  if (cut !== undefined) note(cut);
  return { graph, wish: { target, range, only: which, ...(reason === undefined ? {} : { reason }) }, order: by };
}

function readTargetRange(target: BackfillTarget, ends: RangeOptions, now: Instant): ReadRange {
  const [name, window, allowed] = [makerOfTarget(target), windowOfTarget(target), allowedWindows(target, now)];
  if (window) {
    const because = target.kind === 'pipeline' ? 'is over and settled' : 'has begun';
    return readRange({ name, window, allowed, because }, ends);
  }
  if (ends.from === undefined && ends.to === undefined) return { range: allowed, note: undefined };
  throw new UsageError(`${name} has no partitions: it is one whole. Leave --from and --to out.`);
}

function readOnly(only: string): BackfillOnly {
  switch (only) {
    case 'missing':
    case 'failed':
    case 'stale':
    case 'quarantined':
    case 'all':
      return only;
    default:
      throw new UsageError(`--only "${only}" chooses nothing. There is: missing, failed, stale, quarantined, all.`);
  }
}

function readOrder(order: string): BackfillOrder {
  if (order === 'oldest' || order === 'newest') return order;
  throw new UsageError(`--order "${order}" is no order. There is: oldest, newest.`);
}
