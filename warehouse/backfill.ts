import type { PipelineName } from '../model/asset-key.ts';
import type { BackfillRequest, BackfillRunState } from '../model/backfill.ts';
import type { IndexRanges } from '../model/index-ranges.ts';
import type { Instant } from '../model/window.ts';
import type { Fragment, Queryable } from './open-warehouse.ts';

/** `accepted` until its run begins. The last three are its end: it stays so. */
export type BackfillState = 'accepted' | BackfillRunState;

/** Numbers by name, for a person to read: at most 1,000 bytes as JSON. */
export type BackfillCounts = Readonly<Record<string, number>>;

/** A request, and the windows of its pipeline (of its derived asset: see `derivedPartition`) that are planned for it. */
export interface PlannedRequest extends BackfillRequest {
  readonly pipeline: PipelineName;
  readonly ranges: IndexRanges;
}

/** A request that was accepted, and where it stands. Its ranges are what fell to it. */
export interface Backfill extends PlannedRequest {
  readonly state: BackfillState;
  readonly counts: BackfillCounts;
  readonly createdAt: Instant;
  /** Undefined while it is open. */
  readonly endedAt: Instant | undefined;
}

/** The columns of a `BackfillRow`. */
export function backfillColumns(sql: Queryable): Fragment {
  return sql`id, pipeline, asked, ranges, state, counts, created_at, ended_at`;
}

/** A row of `hourloom.backfill`. */
export interface BackfillRow extends PlannedRequest {
  readonly state: BackfillState;
  readonly counts: BackfillCounts;
  readonly created_at: Date;
  readonly ended_at: Date | null;
}

/** The row in the words of the program. */
export function toBackfill({ created_at, ended_at, ...row }: BackfillRow): Backfill {
  return { ...row, createdAt: created_at.getTime(), endedAt: ended_at?.getTime() };
}
