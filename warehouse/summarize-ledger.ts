import type { AssetKey } from '../model/asset-key.ts';
import type { Instant } from '../model/window.ts';
import type { Queryable } from './open-warehouse.ts';

/** What is visible of one asset over all its partitions. */
export interface AssetSummary {
  readonly asset: AssetKey;
  /** Partitions that are made, the empty ones included. */
  readonly made: number;
  /** Partitions that were made of nothing. */
  readonly empty: number;
  readonly rows: number;
  readonly quarantined: number;
  /** Records that rules over all hours take out of sight; their rows are among `rows`. */
  readonly ruledOut: number;
  /** The start of the newest partition. */
  readonly newest: Instant;
}

/** One line for each asset that was ever made, by asset. */
export async function summarizeLedger(sql: Queryable): Promise<readonly AssetSummary[]> {
  const rows = await sql<(Omit<AssetSummary, 'newest'> & { readonly newest: Date })[]>`
    select
      asset,
      count(*) as made,
      count(*) filter (where empty) as empty,
      sum(row_count)::bigint as rows,
      coalesce(sum((counts ->> 'quarantined')::bigint), 0)::bigint as quarantined,
      coalesce((
        select sum(held)
        from hourloom.ruled_partition as ruled
        where ruled.asset = materialization.asset
      ), 0)::bigint as "ruledOut",
      max(partition) as newest
    from hourloom.materialization
    where visible
    group by asset
    order by asset
  `;
  return rows.map((row) => ({ ...row, newest: row.newest.getTime() }));
}
