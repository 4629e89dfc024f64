import type { PartitionRef } from '../model/partition.ts';
import type { Warehouse } from './open-warehouse.ts';
import { reachWarehouse } from './reach-warehouse.ts';

/**
 * Forgets what earlier attempts at a window said of it, because functions of users say what they like: their notes, and
 * what checks said of loads that are replaced. Returns the keys of the attempts' logs, which are the caller's to delete.
 */
export async function forgetAttempts(warehouse: Warehouse, partition: PartitionRef): Promise<readonly string[]> {
  const start = new Date(partition.start);
  const { pipeline } = partition;
  return reachWarehouse(warehouse, async (sql) => {
    await sql`
      delete from hourloom.check_result as said
      using hourloom.materialization as made
      where made.pipeline = ${pipeline}
        and made.partition = ${start}
        and not made.visible
        and said.asset = made.asset
        and said.partition = made.partition
        and said.load_id = made.load_id
    `;
    const logs = await sql<{ log_key: string }[]>`
      select log_key
      from hourloom.attempt_note
      where pipeline = ${pipeline}
        and partition = ${start}
        and log_key is not null
    `;
    await sql`
      update hourloom.attempt_note
      set meta = null
      where pipeline = ${pipeline}
        and partition = ${start}
        and meta is not null
    `;
    return logs.map(({ log_key: key }) => key);
  });
}
