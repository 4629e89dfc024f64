import { dueAfter } from '../../model/erasure.ts';
import type { PartitionRef } from '../../model/partition.ts';
import type { PipelineSpec, TableSpec } from '../../model/pipeline-spec.ts';
import { windowOf } from '../../model/window.ts';
import { hourWorkflowId } from '../../model/workflow-id.ts';
import { dayOfWindow } from '../../model/zone.ts';
import { askErasures } from '../../warehouse/ask-erasures.ts';
import type { Fence } from '../../warehouse/fence.ts';
import type { Transaction } from '../../warehouse/open-warehouse.ts';
import type { Dependencies } from '../dependencies.ts';
import { ErasureKeyUnsetError } from './errors.ts';

/** A window that is about to be published, and those of its tables that get rows. */
export interface AskingWindow {
  readonly partition: PartitionRef;
  readonly fence: Fence;
  readonly arrived: readonly TableSpec[];
}

/**
 * What is to be done within the publication of a window whose records ask for erasures; undefined where none do. Throws
 * where no key is there by which they could be kept: then the window stays as it was, rather than forget who asked.
 */
export function askForErasures(
  { erasureKeys = [] }: Pick<Dependencies, 'erasureKeys'>,
  spec: PipelineSpec,
  { partition, fence, arrived }: AskingWindow,
): ((tx: Transaction) => Promise<void>) | undefined {
  const tables = arrived.filter(({ asks }) => asks === 'erasure');
  const [first] = tables;
  if (!first) return undefined;
  if (erasureKeys.length === 0) throw new ErasureKeyUnsetError(first.asset);
  const window = windowOf(spec.window, partition.start);
  const asked = { pipeline: spec.name, loadId: fence, keys: erasureKeys, day: dayOfWindow(window) };
  const executeAt = dueAfter(spec, window);
  const actor = hourWorkflowId(spec.window, partition);
  return async (tx) => {
    for (const table of tables) await askErasures(tx, { ...asked, table, executeAt, actor });
  };
}
