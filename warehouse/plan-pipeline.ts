import type { BackfillAsked } from '../model/backfill.ts';
import { timeOf } from '../model/index-ranges.ts';
import type { IndexRanges } from '../model/index-ranges.ts';
import type { PipelineSpec } from '../model/pipeline-spec.ts';
import { planBackfill } from '../model/plan.ts';
import type { BackfillOnly, PlannedRange } from '../model/plan.ts';
import type { Queryable } from './open-warehouse.ts';
import { readFailedRanges } from './read-failed-ranges.ts';
import { readHeldRanges } from './read-held-ranges.ts';
import { readMadeRanges } from './read-made-ranges.ts';

export interface PipelinePlanQuestion {
  readonly ranges: IndexRanges;
  readonly only: BackfillOnly;
  /** Tell the windows that hold something back, for this reason or for any; left out: nobody asks. */
  readonly held?: { readonly reason: string | undefined };
}

/** Which of these windows are to be made, by what the ledger says now: what a dry run prints, and a backfill does. */
export async function planPipeline(
  sql: Queryable,
  { name, window, events, tables }: Pick<PipelineSpec, 'name' | 'window' | 'events' | 'tables'>,
  { ranges, only, held }: PipelinePlanQuestion,
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
    ...(held ? { held: await readHeldRanges(sql, { events: events.asset, window, within, ...held }) } : {}),
  });
}

/** What a request for quarantined windows has to know beyond the ledger. */
export function askHeld({ only, reason }: Pick<BackfillAsked, 'only' | 'reason'>): Pick<PipelinePlanQuestion, 'held'> {
  return only === 'quarantined' ? { held: { reason } } : {};
}
