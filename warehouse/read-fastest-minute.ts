import type { AssetKey } from '../model/asset-key.ts';
import type { Queryable } from './open-warehouse.ts';

/** How many partitions of an asset were published in the minute that had the most; 0 where none is visible. */
export async function readFastestMinute(sql: Queryable, asset: AssetKey): Promise<number> {
  const [row] = await sql<{ made: number }[]>`
    select count(*) as made
    from hourloom.materialization
    where asset = ${asset}
      and visible
    group by date_trunc('minute', published_at)
    order by made desc
    limit 1
  `;
  return row?.made ?? 0;
}
