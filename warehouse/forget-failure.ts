import type { PartitionRef } from '../model/partition.ts';
import type { Warehouse } from './open-warehouse.ts';
import { reachWarehouse } from './reach-warehouse.ts';

/** Forgets how the last run of a partition failed: one after it ended well, and had nothing to publish. */
export async function forgetFailure(warehouse: Warehouse, { pipeline, start }: PartitionRef): Promise<void> {
  await reachWarehouse(
    warehouse,
    (sql) => sql`
      delete from hourloom.last_failure
      where pipeline = ${pipeline}
        and partition = ${new Date(start)}
    `,
  );
}
