import type { BackfillAsked } from '../model/backfill.ts';
import { findTarget, windowOfTarget } from '../model/backfill-target.ts';
import type { AssetGraph } from '../model/graph.ts';
import { countWindows } from '../model/index-ranges.ts';
import type { Backfill, BackfillCounts, BackfillState } from '../warehouse/backfill.ts';
import { writeRange } from './write-plan.ts';
import type { WrittenRange } from './write-plan.ts';

/** A backfill for programs: what it was asked for and where it stands, as its row in the warehouse says. */
export interface BackfillDocument {
  readonly id: string;
  /** Or the derived asset, by its key. */
  readonly pipeline: string;
  readonly state: BackfillState;
  readonly asked: Pick<BackfillAsked, 'only' | 'order' | 'width'> & {
    /** Null where its pipeline or asset is not defined any more. */
    readonly window: WrittenRange | null;
  };
  /** What fell to it. Null where its pipeline or asset is not defined any more. */
  readonly windows: readonly WrittenRange[] | null;
  readonly total: number;
  readonly counts: BackfillCounts;
  readonly createdAt: string;
  /** Null while it is open. */
  readonly endedAt: string | null;
}

/** Names the windows of a backfill, and writes its times. */
export function describeBackfill(graph: AssetGraph, backfill: Backfill): BackfillDocument {
  const { id, pipeline, state, asked, ranges, counts, createdAt, endedAt } = backfill;
  const target = findTarget(graph, pipeline);
  const window = target && windowOfTarget(target);
  const { from, to, only, order, width } = asked;
  return {
    id,
    pipeline,
    state,
    asked: { window: target ? writeRange(window, { from, to }) : null, only, order, width },
    windows: target ? ranges.map((range) => writeRange(window, range)) : null,
    total: countWindows(ranges),
    counts,
    createdAt: new Date(createdAt).toISOString(),
    endedAt: endedAt === undefined ? null : new Date(endedAt).toISOString(),
  };
}
