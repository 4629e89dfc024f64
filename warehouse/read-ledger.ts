import type { AssetKey } from '../model/asset-key.ts';
import type { LedgerCounts, LedgerEntry } from '../model/ledger-entry.ts';
import type { PartitionRef } from '../model/partition.ts';
import type { Instant } from '../model/window.ts';
import type { Fence } from './fence.ts';
import type { Fragment, Queryable } from './open-warehouse.ts';

/** A ledger entry as it stands: one committed making that readers see. */
export interface Materialization extends LedgerEntry {
  readonly loadId: Fence;
  readonly publishedAt: Instant;
}

/** What is visible of a partition, one for each of its assets that was ever made, by asset. */
export async function readVisible(sql: Queryable, partition: PartitionRef): Promise<readonly Materialization[]> {
  const rows = await sql<MaterializationRow[]>`
    select ${materializationColumns(sql)}
    from hourloom.materialization
    where pipeline = ${partition.pipeline}
      and partition = ${new Date(partition.start)}
      and visible
    order by asset
  `;
  return rows.map(toMaterialization);
}

/** The columns of a `MaterializationRow`. */
export function materializationColumns(sql: Queryable): Fragment {
  return sql`
      load_id,
      asset,
      encode(input_digest, 'hex') as input_digest,
      encode(code_version, 'hex') as code_version,
      row_count,
      counts,
      object_key,
      published_at
  `;
}

/** A row of the ledger in the words of the program. */
export function toMaterialization(row: MaterializationRow): Materialization {
  return {
    asset: row.asset,
    inputDigest: row.input_digest,
    codeVersion: row.code_version,
    rowCount: row.row_count,
    counts: row.counts,
    objectKey: row.object_key ?? undefined,
    loadId: row.load_id,
    publishedAt: row.published_at.getTime(),
  };
}

/** A row of the ledger as it is read; its asset's partition is for the reader to know. */
export interface MaterializationRow {
  readonly load_id: Fence;
  readonly asset: AssetKey;
  readonly input_digest: string;
  readonly code_version: string;
  readonly row_count: number;
  readonly counts: LedgerCounts;
  readonly object_key: string | null;
  readonly published_at: Date;
}
