/** Where the steps of backfills wait, beside the queue of the workflows and of all live steps. */
export function backfillTaskQueue(taskQueue: string): string {
  return `${taskQueue}-backfill`;
}
