import { workflowInfo } from '@temporalio/workflow';
import type { ActivityOptions } from '@temporalio/workflow';
import { backfillTaskQueue } from '../model/task-queue.ts';

/** Live runs go first, wherever the two meet. (Temporal's own default.) */
export const LIVE_PRIORITY = 3;
export const BACKFILL_PRIORITY = 5;

/**
 * Where the steps of a run wait that the server hands out: those of backfills in a queue of their own with fewer slots,
 * so that a live hour never waits behind them.
 */
export function activityQueue({ backfill }: { readonly backfill?: true }): ActivityOptions {
  const { taskQueue } = workflowInfo();
  if (backfill === true)
    return { taskQueue: backfillTaskQueue(taskQueue), priority: { priorityKey: BACKFILL_PRIORITY } };
  return { taskQueue, priority: { priorityKey: LIVE_PRIORITY } };
}
