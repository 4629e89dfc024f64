import type { PartitionRef } from '../model/partition.ts';
import type { Fence } from './fence.ts';
import { lockFence } from './lock-fence.ts';
import type { Transaction } from './open-warehouse.ts';
import { loadSessionName, terminateLoad } from './terminate-load.ts';

/**
 * Says, before the first row, which session loads the partition, so that the next attempt can end it; and ends the load
 * of an earlier try of this same attempt. Committed at once: when it returns, the transaction is a new one, on the same
 * session, and its rows get the fence as their load id.
 */
export async function beginLoad(tx: Transaction, partition: PartitionRef, fence: Fence): Promise<void> {
  const { wasLoaded } = await lockFence(tx, partition, fence);
  if (wasLoaded) await terminateLoad(tx, partition);
  await tx`
    update hourloom.fence
    set
      backend_pid = session.pid,
      backend_start = session.backend_start
    from pg_stat_activity as session
    where fence.pipeline = ${partition.pipeline}
      and fence.partition = ${new Date(partition.start)}
      and session.pid = pg_backend_pid()
  `;
  // Not `commit` and `begin`: between the two the connection would belong to nobody, and the pool would lend it out.
  await tx`commit and chain`;
  await tx`
    select
      set_config('application_name', ${loadSessionName(partition)}, true),
      set_config('hourloom.load_id', ${String(fence)}, true)
  `;
}
