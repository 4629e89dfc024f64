import type { AssetKey } from '../model/asset-key.ts';
import type { InputWindows } from '../model/list-inputs.ts';
import type { Instant } from '../model/window.ts';
import type { Fence } from './fence.ts';
import type { Queryable } from './open-warehouse.ts';

/** A partition that a derived one reads, as it is visible. */
export interface InputLoad {
  readonly asset: AssetKey;
  readonly start: Instant;
  readonly loadId: Fence;
  readonly publishedAt: Instant;
}

/**
 * The visible loads of a derived partition's inputs, the latest published first: those published after the partition
 * itself are why it is stale. Whether it is stale, `digestInputs` says: an input that went is not in this list.
 */
export async function readInputLoads(
  sql: Queryable,
  ranges: readonly InputWindows[],
  { limit }: { readonly limit: number },
): Promise<readonly InputLoad[]> {
  const wanted = ranges.map(({ asset, start, end }) => ({ asset, from: new Date(start), to: new Date(end) }));
  const rows = await sql<{ asset: AssetKey; partition: Date; load_id: Fence; published_at: Date }[]>`
    select loads.asset, loads.partition, loads.load_id, loads.published_at
    from jsonb_to_recordset(${sql.json(wanted)}) as wanted (asset text, "from" timestamptz, "to" timestamptz)
    cross join lateral (
      select asset, partition, load_id, published_at
      from hourloom.materialization
      where asset = wanted.asset
        and partition >= wanted.from
        and partition < wanted.to
        and visible
      order by published_at desc, partition
      limit ${limit}
    ) as loads
    order by loads.published_at desc, loads.asset, loads.partition
    limit ${limit}
  `;
  return rows.map(({ asset, partition, load_id, published_at }) => ({
    asset,
    start: partition.getTime(),
    loadId: load_id,
    publishedAt: published_at.getTime(),
  }));
}
