const BACKFILL_SUFFIX = '-backfill';

/** Where the runs of backfills wait with all of their steps, beside the queue of the live ones. The same of itself. */
export function backfillTaskQueue(taskQueue: string): string {
  return taskQueue.endsWith(BACKFILL_SUFFIX) ? taskQueue : `${taskQueue}${BACKFILL_SUFFIX}`;
}
