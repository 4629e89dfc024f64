import type { AssetKey } from '../model/asset-key.ts';
import type { Instant } from '../model/window.ts';
import type { Fence } from './fence.ts';
import type { Queryable } from './open-warehouse.ts';

/** The starts of an asset's partitions that these loads brought, those that readers see. */
export async function readPartitionsOf(
  sql: Queryable,
  asset: AssetKey,
  loads: readonly Fence[],
): Promise<readonly Instant[]> {
  if (loads.length === 0) return [];
  const rows = await sql<{ partition: Date }[]>`
    select distinct partition
    from hourloom.materialization
    where asset = ${asset}
      and load_id in ${sql(loads)}
      and visible
    order by partition
  `;
  return rows.map(({ partition }) => partition.getTime());
}
