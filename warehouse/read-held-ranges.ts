import type { AssetKey } from '../model/asset-key.ts';
import type { HeldRanges } from '../model/plan.ts';
import type { Window, WindowKind } from '../model/window.ts';
import { findRanges } from './find-ranges.ts';
import type { Fragment, Queryable } from './open-warehouse.ts';

export interface HeldRangesQuestion {
  /** The merged object of the pipeline: its entry counts the lines and files of all tables. */
  readonly events: AssetKey;
  readonly window: WindowKind;
  /** Partitions that start within it. */
  readonly within: Window;
  /** Only what is held back for this reason, as far as it is kept; undefined: for any. */
  readonly reason: string | undefined;
}

/** The windows of a pipeline that hold lines or files back, as the ledger counts them. */
export async function readHeldRanges(
  sql: Queryable,
  { events, window, within, reason }: HeldRangesQuestion,
): Promise<HeldRanges> {
  const find = async (counted: Fragment, isKept: Fragment) => {
    const because =
      reason === undefined
        ? sql``
        : sql`
          and exists (
            select from hourloom.quarantine
            where quarantine.load_id = made.load_id
              and quarantine.reason = ${reason}
              and ${isKept}
          )
        `;
    return findRanges(
      sql,
      window,
      sql`
        select partition
        from hourloom.materialization as made
        where asset = ${events}
          and partition >= ${new Date(within.start)}
          and partition < ${new Date(within.end)}
          and visible
          and ${counted}
          ${because}
      `,
    );
  };
  return {
    lines: await find(sql`(counts ->> 'quarantined')::bigint > 0`, sql`quarantine.line > 0`),
    files: await find(sql`(counts ->> 'rejected')::bigint > 0`, sql`quarantine.line = 0`),
  };
}
