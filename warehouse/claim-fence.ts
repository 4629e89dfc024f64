import type { PartitionRef } from '../model/partition.ts';
import type { Fence } from './fence.ts';
import type { Warehouse } from './open-warehouse.ts';
import { reachWarehouse } from './reach-warehouse.ts';
import { terminateLoad } from './terminate-load.ts';

/**
 * Takes the partition over: returns a fence that is higher than every earlier one, so that no earlier attempt can
 * publish any more, and ends the load of such an attempt if there is one. Claiming twice is safe; the later one counts.
 */
export async function claimFence(warehouse: Warehouse, partition: PartitionRef): Promise<Fence> {
  return reachWarehouse(warehouse, async (sql) => {
    // A process that stopped while it published holds the row that is claimed below.
    await terminateLoad(sql, partition);
    // The number is drawn again under the row's lock: of two claims at once, the later one gets the higher number.
    const [row] = await sql<[{ fence: Fence; was_loaded: boolean }]>`
      insert into hourloom.fence (pipeline, partition, fence, claimed_at)
      values (${partition.pipeline}, ${new Date(partition.start)}, nextval('hourloom.load_id'), clock_timestamp())
      on conflict (pipeline, partition) do update
      set
        fence = nextval('hourloom.load_id'),
        claimed_at = excluded.claimed_at
      returning
        fence,
        backend_pid is not null as was_loaded
    `;
    // A load may have begun between the two statements above. None under a lower fence can begin now.
    if (row.was_loaded) await terminateLoad(sql, partition);
    return row.fence;
  });
}
