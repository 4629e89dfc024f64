import type { LedgerEntry } from '../model/ledger-entry.ts';
import type { PartitionRef } from '../model/partition.ts';
import type { Instant } from '../model/window.ts';
import type { Fence } from './fence.ts';
import type { Transaction } from './open-warehouse.ts';
import type { Materialization } from './read-ledger.ts';

/**
 * Makes these entries what is visible of their assets, in place of what was; with them the failure of the run before is
 * forgotten. Under the fence's lock only: what is visible was read after it was taken.
 * Safe to repeat: a load has one row for each asset, and says more in it when it knows more.
 */
export async function writeLedger(
  tx: Transaction,
  partition: PartitionRef,
  fence: Fence,
  entries: readonly LedgerEntry[],
  visible: readonly Materialization[],
): Promise<Instant> {
  const start = new Date(partition.start);
  const assets = new Set(entries.map(({ asset }) => asset));
  const replaced = visible.filter(({ asset, loadId }) => assets.has(asset) && loadId !== fence);
  if (replaced.length > 0) {
    await tx`
      update hourloom.materialization
      set visible = false
      where asset in ${tx(replaced.map(({ asset }) => asset))}
        and partition = ${start}
        and visible
        and load_id <> ${fence}
    `;
  }
  const rows = entries.map((entry) => ({
    asset: entry.asset,
    input_digest: entry.inputDigest,
    code_version: entry.codeVersion,
    row_count: entry.rowCount,
    counts: entry.counts,
    object_key: entry.objectKey ?? null,
  }));
  const [written] = await tx<{ published_at: Date }[]>`
    with forgotten as (
      delete from hourloom.last_failure
      where pipeline = ${partition.pipeline}
        and partition = ${start}
    )
    insert into hourloom.materialization as making (
      load_id, pipeline, asset, partition, input_digest, code_version, row_count, counts, object_key, visible, published_at
    )
    select
      ${fence}, ${partition.pipeline}, entry.asset, ${start}, decode(entry.input_digest, 'hex'),
      decode(entry.code_version, 'hex'), entry.row_count, entry.counts, entry.object_key, true, statement_timestamp()
    from jsonb_to_recordset(${tx.json(rows)}) as entry (
      asset text, input_digest text, code_version text, row_count bigint, counts jsonb, object_key text
    )
    on conflict (asset, partition, load_id) do update
    set
      input_digest = excluded.input_digest,
      code_version = excluded.code_version,
      row_count = excluded.row_count,
      counts = excluded.counts,
      object_key = excluded.object_key,
      visible = true,
      published_at = excluded.published_at
    returning published_at
  `;
  if (!written) throw new Error('A publication without a ledger entry publishes nothing. Please report this as a bug.');
  return written.published_at.getTime();
}
