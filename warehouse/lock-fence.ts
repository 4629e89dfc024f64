import assert from 'node:assert/strict';
import type { PartitionRef } from '../model/partition.ts';
import { FencedError } from './fence.ts';
import type { Fence } from './fence.ts';
import type { Transaction } from './open-warehouse.ts';

/** What the fence's row says besides. */
export interface LockedFence {
  /** Some session has begun to load the partition, under this fence or an earlier one. */
  readonly wasLoaded: boolean;
}

/**
 * Locks the partition's fence until the transaction ends, and fails if another attempt holds a higher one.
 * A statement of its own: what is read after it, in a new statement, is the truth under the lock. Taken only when the
 * rows are in: a client that stops inside a COPY would hold it past every timeout.
 */
export async function lockFence(tx: Transaction, partition: PartitionRef, fence: Fence): Promise<LockedFence> {
  const [row] = await tx<{ fence: Fence; was_loaded: boolean }[]>`
    select
      fence,
      backend_pid is not null as was_loaded
    from hourloom.fence
    where pipeline = ${partition.pipeline}
      and partition = ${new Date(partition.start)}
    for update
  `;
  assert(row && row.fence >= fence, 'a fence is claimed before anything is published');
  if (row.fence > fence) throw new FencedError(partition, fence, row.fence);
  return { wasLoaded: row.was_loaded };
}
