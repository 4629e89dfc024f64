import { timeOf } from '../model/index-ranges.ts';
import type { IndexRanges } from '../model/index-ranges.ts';
import type { PipelineSpec } from '../model/pipeline-spec.ts';
import { planBackfill } from '../model/plan.ts';
import type { BackfillOnly, PlannedRange } from '../model/plan.ts';
import type { Queryable } from './open-warehouse.ts';
import { readFailedRanges } from './read-failed-ranges.ts';
import { readMadeRanges } from './read-made-ranges.ts';

export interface PipelinePlanQuestion {
  readonly ranges: IndexRanges;
  readonly only: BackfillOnly;
}

/** Which of these windows are to be made, by what the ledger says now: what a dry run prints, and a backfill does. */
export async function planPipeline(
  sql: Queryable,
  { name, window, events, tables }: Pick<PipelineSpec, 'name' | 'window' | 'events' | 'tables'>,
  { ranges, only }: PipelinePlanQuestion,
): Promise<readonly PlannedRange[]> {
  const [first, last] = [ranges[0], ranges.at(-1)];
  if (!first || !last) return [];
  const assets = [events, ...tables];
  const within = timeOf(window, { from: first.from, to: last.to });
  return planBackfill({
    ranges,
    only,
    assets,
    events: events.asset,
    made: await readMadeRanges(sql, { assets: assets.map(({ asset }) => asset), window, within }),
    // Nobody looked at the source: that is for each window's own run, and for reconcile.
    inputChanged: [],
    failed: await readFailedRanges(sql, { pipeline: name, window, within }),
  });
}
