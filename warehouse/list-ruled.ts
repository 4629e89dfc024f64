import type { AssetKey } from '../model/asset-key.ts';
import type { PartitionRef } from '../model/partition.ts';
import type { Instant } from '../model/window.ts';
import type { Queryable } from './open-warehouse.ts';

/** A partition of which readers see something else since a ruling. */
export interface RuledPartition {
  readonly asset: AssetKey;
  readonly start: Instant;
}

/** More than these are told by the next pass of reconcile. */
const MAX_RULED = 2_000;

/** The partitions whose rulings the publication of this one changed, as far as no later one did. The newest first. */
export async function listRuledBy(
  sql: Queryable,
  { pipeline, start }: PartitionRef,
): Promise<readonly RuledPartition[]> {
  const rows = await sql<RuledRow[]>`
    select asset, partition
    from hourloom.ruled_partition
    where ruling in (
      select load_id
      from hourloom.materialization
      where pipeline = ${pipeline}
        and partition = ${new Date(start)}
        and visible
    )
    order by partition desc, asset
    limit ${MAX_RULED}
  `;
  return rows.map(toRuled);
}

/** The partitions of these assets whose rulings changed since then. The newest first. */
export async function listRuledSince(
  sql: Queryable,
  assets: readonly AssetKey[],
  since: Instant,
): Promise<readonly RuledPartition[]> {
  const rows = await sql<RuledRow[]>`
    select asset, partition
    from hourloom.ruled_partition
    where asset in ${sql(assets)}
      and ruled_at >= ${new Date(since)}
    order by partition desc, asset
    limit ${MAX_RULED}
  `;
  return rows.map(toRuled);
}

interface RuledRow {
  readonly asset: AssetKey;
  readonly partition: Date;
}

function toRuled({ asset, partition }: RuledRow): RuledPartition {
  return { asset, start: partition.getTime() };
}
