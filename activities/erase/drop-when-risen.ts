import { deleteStored } from '../../lake/delete-stored.ts';
import type { PartitionRef } from '../../model/partition.ts';
import type { StoredObject } from '../../model/source-object.ts';
import { SuppressionRisenError } from '../../warehouse/lock-suppression.ts';
import { readVisible } from '../../warehouse/read-ledger.ts';
import type { Dependencies } from '../dependencies.ts';

/**
 * Publishes a merged object, and takes it out of the lake where somebody was erased meanwhile: the erasure may have looked
 * there already. One that the window shows is left, because the erasure finds it by that.
 */
export async function dropWhenRisen<T>(
  { lake, warehouse }: Pick<Dependencies, 'lake' | 'warehouse'>,
  partition: PartitionRef,
  { key }: StoredObject,
  publishing: () => Promise<T>,
): Promise<T> {
  try {
    return await publishing();
  } catch (error) {
    if (error instanceof SuppressionRisenError) {
      const visible = await readVisible(warehouse.sql, partition);
      if (!visible.some(({ objectKey }) => objectKey === key)) await deleteStored(lake, key);
    }
    throw error;
  }
}
