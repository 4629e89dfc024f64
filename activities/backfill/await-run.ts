import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import { parseDeriveWorkflowId, parseHourWorkflowId } from '../../model/workflow-id.ts';
import { derivedPartition } from '../../model/partition.ts';
import { readVisible } from '../../warehouse/read-ledger.ts';
import { getDerived, getPipeline } from '../dependencies.ts';
import type { Dependencies } from '../dependencies.ts';

/**
 * Whether the partition is made, by the code of today, once the run that is open under this id has ended. While it is
 * open this fails, to be tried again by Temporal: so a wait of hours keeps neither a worker's slot nor its memory, and
 * survives both.
 */
export async function awaitRun(
  { warehouse, pipelines, graph, starter }: Pick<Dependencies, 'warehouse' | 'pipelines' | 'graph' | 'starter'>,
  workflowId: string,
): Promise<boolean> {
  if (await starter.isOpen(workflowId)) {
    throw ApplicationFailure.create({
      type: 'StillOpenError',
      message: `The run ${workflowId} of somebody else is still open.`,
      category: ApplicationFailureCategory.BENIGN,
    });
  }
  const hour = parseHourWorkflowId(workflowId);
  if (hour) {
    const { events, tables } = getPipeline({ pipelines }, hour.pipeline).spec;
    const visible = await readVisible(warehouse.sql, hour);
    return [events, ...tables].every(({ asset, codeVersion }) =>
      visible.some((entry) => entry.asset === asset && entry.codeVersion === codeVersion),
    );
  }
  const target = parseDeriveWorkflowId(workflowId);
  if (!target) throw new RangeError(`${workflowId} is no run of a partition.`);
  const { codeVersion } = getDerived({ graph }, target.asset).table;
  const visible = await readVisible(warehouse.sql, derivedPartition(target.asset, target.start));
  return visible.some((entry) => entry.asset === target.asset && entry.codeVersion === codeVersion);
}
