import type { AssetGraph } from '../model/graph.ts';
import { madeByTarget, makerOfTarget } from '../model/backfill-target.ts';
import type { BackfillTarget } from '../model/backfill-target.ts';
import { planReached } from '../model/find-reached.ts';
import type { DerivedRanges } from '../model/find-reached.ts';
import { countWindows, intersectRanges, subtractRanges, uniteRanges } from '../model/index-ranges.ts';
import type { IndexRange, IndexRanges } from '../model/index-ranges.ts';
import type { BackfillOnly, PlannedRange } from '../model/plan.ts';
import type { Instant } from '../model/window.ts';
import type { Warehouse } from '../warehouse/open-warehouse.ts';

/** What a person asked to have made. */
export interface BackfillWish {
  readonly target: BackfillTarget;
  readonly range: IndexRange;
  readonly only: BackfillOnly;
  readonly reason?: string;
}

/** Windows of the range that an open backfill has already. */
export interface TakenRanges {
  readonly id: string;
  readonly ranges: IndexRanges;
}

/** What would be made for a wish, as things are now. */
export interface BackfillPlan {
  readonly only: BackfillOnly;
  /** What falls to it: the range without what open backfills have. */
  readonly ranges: IndexRanges;
  readonly taken: readonly TakenRanges[];
  readonly planned: readonly PlannedRange[];
  /** Of a derived asset: what would be planned, if what it is made of were there. */
  readonly lacking: IndexRanges;
  /** What is computed after, in waves: whatever reads what is planned. */
  readonly derived: readonly (readonly DerivedRanges[])[];
}

/** Reads what the backfill itself would read and plans as it does, so that a dry run tells what would be done. */
export async function planWish(
  warehouse: Warehouse,
  graph: AssetGraph,
  { target, range, only, reason }: BackfillWish,
  now: Instant,
): Promise<BackfillPlan> {
  const [{ planTarget }, { askHeld }, { listOpenBackfills }] = await Promise.all([
    import('../warehouse/plan-target.ts'),
    import('../warehouse/plan-pipeline.ts'),
    import('../warehouse/list-backfills.ts'),
  ]);
  const open = await listOpenBackfills(warehouse.sql, makerOfTarget(target));
  const taken = open
    .map(({ id, ranges }) => ({ id, ranges: intersectRanges([range], ranges) }))
    .filter(({ ranges }) => ranges.length > 0);
  const ranges = subtractRanges([range], uniteRanges(...taken.map((other) => other.ranges)));
  const { planned, lacking } = await planTarget(warehouse.sql, graph, target, {
    ...{ ranges, only, now },
    ...askHeld({ only, ...(reason === undefined ? {} : { reason }) }),
  });
  const derived = planReached(graph, madeByTarget(target, uniteRanges(planned)), now);
  return { only, ranges, taken, planned, lacking, derived };
}

/** How many windows a plan makes of what was asked for. */
export function countPlanned({ planned }: BackfillPlan): number {
  return countWindows(uniteRanges(planned));
}
