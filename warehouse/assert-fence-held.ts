import type { PartitionRef } from '../model/partition.ts';
import { FencedError } from './fence.ts';
import type { Fence } from './fence.ts';
import type { Queryable } from './open-warehouse.ts';

/** Fails where another attempt holds a higher fence of the partition; what comes after this may see it claimed. */
export async function assertFenceHeld(sql: Queryable, partition: PartitionRef, fence: Fence): Promise<void> {
  const [row] = await sql<{ fence: Fence }[]>`
    select fence
    from hourloom.fence
    where pipeline = ${partition.pipeline}
      and partition = ${new Date(partition.start)}
  `;
  if (row && row.fence > fence) throw new FencedError(partition, fence, row.fence);
}
