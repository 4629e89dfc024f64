import type { PartitionRef } from '../model/partition.ts';
import type { TableSpec } from '../model/pipeline-spec.ts';
import { rowsTable } from '../model/rule-set.ts';
import type { Fence } from './fence.ts';
import type { Transaction } from './open-warehouse.ts';
import type { Materialization } from './read-ledger.ts';

/**
 * Deletes the rows of exactly those loads that the ledger says are visible of these tables, what those loads held in
 * quarantine, and what checks said of these and of earlier ones, that failed attempts' included. Under the fence's lock only: what is visible must be read after it was taken.
 */
export async function deleteReplacedRows(
  tx: Transaction,
  { partition, fence }: { readonly partition: PartitionRef; readonly fence: Fence },
  tables: readonly TableSpec[],
  visible: readonly Materialization[],
): Promise<void> {
  const loads = new Set<Fence>();
  for (const table of tables) {
    const { asset, schema, set } = table;
    const replaced = visible.find((made) => made.asset === asset);
    if (!replaced || replaced.loadId === fence) continue;
    loads.add(replaced.loadId);
    await tx`
      delete from ${tx(schema)}.${tx(rowsTable(table))}
      where load_id = ${replaced.loadId}
    `;
    if (!set) continue;
    await tx`
      delete from hourloom.ruling
      where asset = ${set.asset}
        and load_id = ${replaced.loadId}
    `;
  }
  if (loads.size === 0) return;
  // In one statement: most partitions have neither.
  await tx`
    with forgotten as (
      delete from hourloom.check_result
      where asset in ${tx(tables.map(({ asset }) => asset))}
        and partition = ${new Date(partition.start)}
        and load_id < ${fence}
    )
    delete from hourloom.quarantine
    where load_id in ${tx([...loads])}
  `;
}
