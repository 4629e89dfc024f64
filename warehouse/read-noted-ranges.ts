import type { AssetKey } from '../model/asset-key.ts';
import type { IndexRanges } from '../model/index-ranges.ts';
import type { Window, WindowKind } from '../model/window.ts';
import { findRanges } from './find-ranges.ts';
import type { Fragment, Queryable } from './open-warehouse.ts';

/** `empty`: made, and there was nothing for it. `quarantined`: records are held back, by rules over all hours too. */
export type LedgerNote = 'empty' | 'quarantined';

export interface NotedRangesQuestion {
  readonly asset: AssetKey;
  /** Undefined where it has no partitions. */
  readonly window: WindowKind | undefined;
  /** Partitions that start within it. */
  readonly within: Window;
  readonly note: LedgerNote;
}

/** The made windows of an asset of which the ledger notes this. */
export async function readNotedRanges(
  sql: Queryable,
  { asset, window, within, note }: NotedRangesQuestion,
): Promise<IndexRanges> {
  return findRanges(
    sql,
    window,
    sql`
      select partition
      from hourloom.materialization
      where asset = ${asset}
        and partition >= ${new Date(within.start)}
        and partition < ${new Date(within.end)}
        and visible
        and ${conditionOf(sql, note)}
    `,
  );
}

function conditionOf(sql: Queryable, note: LedgerNote): Fragment {
  switch (note) {
    case 'empty':
      return sql`empty`;
    case 'quarantined':
      return sql`(
        (counts ->> 'quarantined')::bigint > 0
        or exists (
          select
          from hourloom.ruled_partition as ruled
          where ruled.asset = materialization.asset
            and ruled.partition = materialization.partition
            and ruled.held > 0
        )
      )`;
  }
}
