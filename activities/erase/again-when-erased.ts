import { StoredObjectLostError } from '../../lake/errors.ts';
import { hasPii } from '../../model/pii-fields.ts';
import type { PartitionRef } from '../../model/partition.ts';
import { assertFenceHeld } from '../../warehouse/assert-fence-held.ts';
import { assertNotRisen } from '../../warehouse/lock-suppression.ts';
import { getPipeline } from '../dependencies.ts';
import type { Dependencies } from '../dependencies.ts';
import type { Merged } from '../hour/merge.ts';

/**
 * Does a step that reads what earlier ones put into the lake. Where that is gone because a person was erased meanwhile,
 * nothing is lost: it fails as one that was overtaken does, and the run begins again by itself.
 */
export async function againWhenErased<T>(
  { warehouse, pipelines }: Pick<Dependencies, 'warehouse' | 'pipelines'>,
  { partition, merged }: { readonly partition: PartitionRef; readonly merged: Pick<Merged, 'fence' | 'suppression'> },
  step: () => Promise<T>,
): Promise<T> {
  try {
    return await step();
  } catch (error) {
    const { spec } = getPipeline({ pipelines }, partition.pipeline);
    if (error instanceof StoredObjectLostError && hasPii(spec)) {
      await assertNotRisen(warehouse.sql, { pipeline: spec.name, sequence: merged.suppression ?? 0 });
      await assertFenceHeld(warehouse.sql, partition, merged.fence);
    }
    throw error;
  }
}
