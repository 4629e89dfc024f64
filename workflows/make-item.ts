import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import type { SearchAttributePair } from '@temporalio/common';
import {
  ChildWorkflowCancellationType,
  executeChild,
  ParentClosePolicy,
  proxyActivities,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import type { BackfillItem } from '../model/backfill.ts';
import type { DeriveResult } from '../model/derive-run.ts';
import type { HourResult } from '../model/hour-run.ts';
import { backfillTaskQueue } from '../model/task-queue.ts';
import { parseHourWorkflowId } from '../model/workflow-id.ts';
import { BACKFILL_PRIORITY } from './activity-queue.ts';
import type { ItemEnd } from './backfill-run.ts';
import { readFailure } from './read-failure.ts';
import { partitionAttribute, pipelineAttribute } from './search-attributes.ts';

/** How often the run of somebody else is looked at; at first it may be about to end. */
const { awaitRun } = proxyActivities<Activities>({
  startToCloseTimeout: '15 seconds',
  scheduleToCloseTimeout: '6 hours',
  retry: { initialInterval: '500 milliseconds', backoffCoefficient: 1.5, maximumInterval: '10 seconds' },
});

/** After so many runs of others that left a partition unmade, something is wrong with it. */
const MAX_ROUNDS = 3;

/**
 * Makes one partition, or waits for the run of somebody else that makes it. Its run lives on when this workflow ends.
 * Rejects with a cancellation only.
 */
export async function makeItem(item: BackfillItem): Promise<ItemEnd> {
  try {
    for (let round = 1; round <= MAX_ROUNDS; round += 1) {
      const outcome = await runOrFindOpen(item);
      if (outcome !== 'open') return { outcome };
      if (await awaitRun(item.workflowId)) return { outcome: 'unchanged' };
    }
    return { outcome: 'failed', reason: `Runs of others were open ${MAX_ROUNDS} times, and none made it.` };
  } catch (error) {
    return { outcome: 'failed', reason: readFailure(error).reason };
  }
}

async function runOrFindOpen(item: BackfillItem): Promise<'made' | 'unchanged' | 'waiting' | 'open'> {
  const { workflowType, workflowId, input } = item;
  try {
    const result = (await executeChild(workflowType, {
      workflowId,
      typedSearchAttributes: searchAttributes(item),
      taskQueue: backfillTaskQueue(workflowInfo().taskQueue),
      args: [input],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
      priority: { priorityKey: BACKFILL_PRIORITY },
    })) as HourResult | DeriveResult;
    return result.outcome === 'incomplete' ? 'unchanged' : result.outcome;
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return 'open';
    throw error;
  }
}

/** Those of an hour, set with its start: one write less than when it sets them itself. */
function searchAttributes({ workflowType, workflowId, name }: BackfillItem): SearchAttributePair[] {
  const partition = workflowType === 'hour' ? parseHourWorkflowId(workflowId) : undefined;
  if (!partition) return [];
  return [
    { key: pipelineAttribute, value: partition.pipeline },
    { key: partitionAttribute, value: name },
  ];
}
