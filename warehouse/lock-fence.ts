import assert from 'node:assert/strict';
import type { PartitionRef } from '../model/partition.ts';
import { assertNotNewer, findNewerCode } from './assert-newest-code.ts';
import type { MadeBy, NewerCodeRow } from './assert-newest-code.ts';
import { FencedError } from './fence.ts';
import type { Fence } from './fence.ts';
import type { Transaction } from './open-warehouse.ts';

/** What the fence's row says besides. */
export interface LockedFence {
  /** Some session has begun to load the partition, under this fence or an earlier one. */
  readonly wasLoaded: boolean;
}

/**
 * Locks the partition's fence until the transaction ends, and fails if another attempt holds a higher one, or if a newer
 * deploy has other code of what is `made`.
 * A statement of its own: what is read after it, in a new statement, is the truth under the lock. Taken only when the
 * rows are in: a client that stops inside a COPY would hold it past every timeout.
 *
 * A deploy may commit while the statement waits for the lock and be missed by it. Then this attempt publishes before any
 * of the newer code can: that one must claim its fence after this statement began, and so comes after, or fences it out.
 */
export async function lockFence(
  tx: Transaction,
  partition: PartitionRef,
  fence: Fence,
  made: readonly MadeBy[] = [],
): Promise<LockedFence> {
  const [row] = await tx<({ fence: Fence; was_loaded: boolean } & NewerCodeRow)[]>`
    select
      fence.fence,
      fence.backend_pid is not null as was_loaded,
      newer.newer_asset,
      newer.newer_deploy
    from hourloom.fence
    left join ${findNewerCode(tx, made)} on true
    where fence.pipeline = ${partition.pipeline}
      and fence.partition = ${new Date(partition.start)}
    for update of fence
  `;
  assert(row && row.fence >= fence, 'a fence is claimed before anything is published');
  if (row.fence > fence) throw new FencedError(partition, fence, row.fence);
  assertNotNewer(row);
  return { wasLoaded: row.was_loaded };
}
