import type { AssetKey } from '../model/asset-key.ts';
import type { PartitionRef } from '../model/partition.ts';
import type { SetRules, TableSpec } from '../model/pipeline-spec.ts';
import { rowsTable } from '../model/rule-set.ts';
import type { Instant, Window } from '../model/window.ts';
import { claimFence } from './claim-fence.ts';
import { FencedError } from './fence.ts';
import type { Fence } from './fence.ts';
import { lockFence } from './lock-fence.ts';
import type { Transaction, Warehouse } from './open-warehouse.ts';
import { reachWarehouse } from './reach-warehouse.ts';
import { readVisible } from './read-ledger.ts';
import { beginRuling } from './rule-set.ts';
import { transact } from './transact.ts';

/** What goes, of which partitions. */
export interface WipeQuestion {
  readonly asset: AssetKey;
  /** Where its rows are; undefined where it is an object of the lake, which `gc` collects later. */
  readonly table: TableSpec | undefined;
  /** All tables of its pipeline: rules over the whole set may keep other rows once these are gone. */
  readonly tables?: readonly TableSpec[];
  /** Partitions that start within it. */
  readonly within: Window;
}

/** A partition that is missing again. */
export interface WipedPartition {
  readonly start: Instant;
  /** How many of its rows went. */
  readonly rows: number;
}

/** How many partitions are looked up at once. */
const PAGE_SIZE = 500;

/**
 * Takes an asset's partitions out of sight: rows, what is held back of them, and ledger go in one transaction for each
 * partition, behind its fence. So what is being made of it at that moment publishes nothing, and readers see a
 * partition whole or not at all. The ledger's rows stay as history, and other assets of the same window stay as they
 * are. `publish` is the one way in which anything becomes visible; this is the one in which it goes without a successor.
 *
 * Gives each partition as it goes; whoever stops listening stops it between two. Safe to repeat.
 */
export async function* wipe(
  warehouse: Warehouse,
  { asset, table, tables, within }: WipeQuestion,
): AsyncGenerator<WipedPartition, void, undefined> {
  let { start } = within;
  for (;;) {
    const page = await listVisible(warehouse, asset, { start, end: within.end });
    for (const partition of page) {
      const rows = await wipePartition(warehouse, partition, { asset, table, ...(tables && { tables }) });
      if (rows !== undefined) yield { start: partition.start, rows };
    }
    const last = page.at(-1);
    if (!last || page.length < PAGE_SIZE) return;
    start = last.start + 1;
  }
}

async function listVisible(
  warehouse: Warehouse,
  asset: AssetKey,
  { start, end }: Window,
): Promise<readonly PartitionRef[]> {
  const rows = await reachWarehouse(
    warehouse,
    (sql) => sql<{ pipeline: PartitionRef['pipeline']; partition: Date }[]>`
      select pipeline, partition
      from hourloom.materialization
      where asset = ${asset}
        and partition >= ${new Date(start)}
        and partition < ${new Date(end)}
        and visible
      order by partition
      limit ${PAGE_SIZE}
    `,
  );
  return rows.map(({ pipeline, partition }) => ({ pipeline, start: partition.getTime() }));
}

/** An attempt that begins at the same moment may overtake, time after time only one that does not end. */
const MAX_CLAIMS = 5;

/** Returns how many rows went; undefined where somebody else wiped it meanwhile. */
async function wipePartition(
  warehouse: Warehouse,
  partition: PartitionRef,
  question: Omit<WipeQuestion, 'within'>,
): Promise<number | undefined> {
  for (let claim = 1; ; claim += 1) {
    const fence = await claimFence(warehouse, partition);
    try {
      return await reachWarehouse(warehouse, (sql) =>
        transact(sql, async (tx) => {
          await lockFence(tx, partition, fence);
          return wipeVisible(tx, { partition, fence }, question);
        }),
      );
    } catch (error) {
      if (!(error instanceof FencedError) || claim === MAX_CLAIMS) throw error;
    }
  }
}

async function wipeVisible(
  tx: Transaction,
  { partition, fence }: { readonly partition: PartitionRef; readonly fence: Fence },
  { asset, table, tables = [] }: Omit<WipeQuestion, 'within'>,
): Promise<number | undefined> {
  const visible = await readVisible(tx, partition);
  const replaced = visible.filter((made) => made.asset === asset);
  const ruling = table?.set && (await beginRuling(tx, { partition, fence, tables, arrived: [], replaced }));
  const loadId = await hide(tx, asset, partition.start);
  if (loadId === undefined) return undefined;
  const rows = await deleteLoad(tx, loadId, partition, { asset, table });
  await ruling?.finish();
  return rows;
}

/** Returns the load that was visible. */
async function hide(tx: Transaction, asset: AssetKey, start: Instant): Promise<Fence | undefined> {
  const [row] = await tx<{ load_id: Fence }[]>`
    update hourloom.materialization
    set visible = false
    where asset = ${asset}
      and partition = ${new Date(start)}
      and visible
    returning load_id
  `;
  return row?.load_id;
}

/**
 * Returns how many rows of the table there were; the asset's share of the load's quarantine goes too, and what checks
 * said of the partition.
 */
async function deleteLoad(
  tx: Transaction,
  loadId: Fence,
  { start }: PartitionRef,
  { asset, table }: Pick<WipeQuestion, 'asset' | 'table'>,
): Promise<number> {
  await tx`
    delete from hourloom.quarantine
    where load_id = ${loadId}
      and asset = ${asset}
  `;
  await tx`
    delete from hourloom.check_result
    where asset = ${asset}
      and partition = ${new Date(start)}
  `;
  if (!table) return 0;
  const { count } = await tx`
    delete from ${tx(table.schema)}.${tx(rowsTable(table))}
    where load_id = ${loadId}
  `;
  if (table.set) await deleteRulings(tx, loadId, table.set);
  return count;
}

/** With the last rows of a load: those of a child table still go by what was said of their records. */
async function deleteRulings(tx: Transaction, loadId: Fence, { asset }: SetRules): Promise<void> {
  await tx`
    delete from hourloom.ruling
    where asset = ${asset}
      and load_id = ${loadId}
      and not exists (
        select from hourloom.materialization as made
        where made.load_id = ${loadId}
          and made.visible
          and made.row_count > 0
      )
  `;
}
