import type { PartitionRef } from '../model/partition.ts';
import type { Warehouse } from './open-warehouse.ts';
import { reachWarehouse } from './reach-warehouse.ts';

/**
 * Forgets what earlier attempts at a window said of it, because functions of users say what they like: their notes, and
 * what checks said of loads that are replaced. Each attempt's log is deleted by the caller before its note goes.
 */
export async function forgetAttempts(
  warehouse: Warehouse,
  partition: PartitionRef,
  deleteLog: (key: string) => Promise<void>,
): Promise<void> {
  const start = new Date(partition.start);
  const { pipeline } = partition;
  await reachWarehouse(warehouse, async (sql) => {
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
    const notes = await sql<{ load_id: number; step: string; log_key: string | null }[]>`
      select load_id, step, log_key
      from hourloom.attempt_note
      where pipeline = ${pipeline}
        and partition = ${start}
    `;
    for (const { load_id: loadId, step, log_key: key } of notes) {
      if (key !== null) await deleteLog(key);
      await sql`
        delete from hourloom.attempt_note
        where pipeline = ${pipeline}
          and partition = ${start}
          and load_id = ${loadId}
          and step = ${step}
      `;
    }
  });
}
