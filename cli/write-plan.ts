import { countWindows } from '../model/index-ranges.ts';
import type { IndexRange } from '../model/index-ranges.ts';
import { makerOfTarget, windowOfTarget } from '../model/backfill-target.ts';
import type { BackfillTarget } from '../model/backfill-target.ts';
import type { PlanReason } from '../model/plan.ts';
import { formatPartition, windowAt } from '../model/window.ts';
import type { WindowKind } from '../model/window.ts';
import { formatTable } from './format-table.ts';
import type { BackfillPlan } from './plan-backfill.ts';
import { countPlanned } from './plan-backfill.ts';
import { formatRange } from './read-range.ts';

/** Windows in a row, for programs: the first, and the one that is no more of them, by name. Both `whole` where there is one. */
export interface WrittenRange {
  readonly from: string;
  readonly to: string;
  readonly count: number;
}

/** A plan for programs. */
export interface PlanDocument {
  /** Or the derived asset, by its key. */
  readonly pipeline: string;
  readonly total: number;
  readonly windows: readonly (WrittenRange & {
    readonly reason: PlanReason;
    readonly why: string;
    readonly fromTransform: boolean;
  })[];
  readonly derived: readonly {
    readonly asset: string;
    /** Null where the asset is one whole. */
    readonly windows: readonly WrittenRange[] | null;
    readonly count: number;
  }[];
  /** Of a derived asset: what is left out, as there is nothing yet to compute it from. */
  readonly lacking: readonly WrittenRange[];
  readonly taken: readonly { readonly id: string; readonly windows: readonly WrittenRange[]; readonly count: number }[];
}

/** Names the windows of a plan. */
export function describePlan(target: BackfillTarget, plan: BackfillPlan): PlanDocument {
  const window = windowOfTarget(target);
  return {
    pipeline: makerOfTarget(target),
    total: countPlanned(plan),
    windows: plan.planned.map(({ from, to, reason, why, fromTransform }) => ({
      ...writeRange(window, { from, to }),
      reason,
      why,
      fromTransform,
    })),
    derived: plan.derived.flat().map(({ node, ranges }) => {
      const own = node.window;
      const windows = own ? ranges.map((range) => writeRange(own, range)) : null;
      return { asset: node.key, windows, count: countWindows(ranges) };
    }),
    lacking: plan.lacking.map((range) => writeRange(window, range)),
    taken: plan.taken.map(({ id, ranges }) => ({
      id,
      windows: ranges.map((range) => writeRange(window, range)),
      count: countWindows(ranges),
    })),
  };
}

/** A range by the names of its ends; `to` is the first window after it. */
export function writeRange(window: WindowKind | undefined, { from, to }: IndexRange): WrittenRange {
  const nameOf = (index: number) => (window ? formatPartition(window, windowAt(window, index).start) : 'whole');
  return { from: nameOf(from), to: nameOf(to), count: to - from };
}

/** A plan for people: one row for windows in a row with one reason. */
export function writePlan(target: BackfillTarget, plan: BackfillPlan): string {
  const [name, window] = [makerOfTarget(target), windowOfTarget(target)];
  const total = countPlanned(plan);
  const windows = plan.planned.map((range) => [
    formatCounted(window, range),
    range.fromTransform ? `${range.why} From the lake, without the source.` : range.why,
  ]);
  const derived = plan.derived
    .flat()
    .flatMap(({ node, ranges }) =>
      ranges.map((range) => [
        `${node.key} ${formatCounted(node.window, range)}`,
        'After the windows that it is made of.',
      ]),
    );
  const parts = [
    ...writeTaken(window, plan),
    total === 0 ? writeNothing(plan) : formatTable([[`${name}: ${formatWindows(total)}`, 'why'], ...windows]),
    ...writeLacking(window, plan),
    ...(derived.length > 0 ? [formatTable([['then', 'why'], ...derived])] : []),
  ];
  return parts.join('\n\n');
}

/** Why a plan is empty. */
export function writeNothing({ only, taken }: BackfillPlan): string {
  const of = taken.length > 0 ? 'no other window of the range' : 'no window of the range';
  return only === 'all' ? `Nothing to make: ${of} is left.` : `Nothing to make: ${of} is ${only}.`;
}

/** What is left out of a plan because nothing is there to compute it from; one sentence, or none. */
export function writeLacking(window: WindowKind | undefined, { lacking }: BackfillPlan): readonly string[] {
  if (lacking.length === 0) return [];
  const named = lacking.slice(0, MAX_NAMED).map((range) => formatCounted(window, range));
  const more = lacking.length > MAX_NAMED ? ' and others' : '';
  const them = `${named.join(', ')}${more}`;
  return [`Left out, as what it is made of is not there yet: ${them}. Backfill the pipeline that it reads first.`];
}

/** `1 window`, `54 windows`. */
export function formatWindows(count: number): string {
  return count === 1 ? '1 window' : `${count} windows`;
}

const MAX_NAMED = 10;

/** `2020-01-01T00 … 2020-01-03T05 (54)`; of one window its name alone. */
export function formatCounted(window: WindowKind | undefined, range: IndexRange): string {
  const count = range.to - range.from;
  return formatRange(window, range) + (count > 1 ? ` (${count})` : '');
}

/** One sentence for each open backfill that has some of the windows. */
export function writeTaken(window: WindowKind | undefined, { taken, ranges }: BackfillPlan): readonly string[] {
  return taken.map(({ id, ranges: had }) => {
    const named = had.map((range) => formatRange(window, range)).join(', ');
    return `The backfill ${id} has ${countWindows(had)} of these windows already: ${named}. This one takes the other ${countWindows(ranges)}.`;
  });
}
