import { isCancellation, log, proxyLocalActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import type { PartitionRef } from '../model/partition.ts';

const { listCurrent: list } = proxyLocalActivities<Activities>({
  startToCloseTimeout: '10 seconds',
  retry: { maximumAttempts: 3 },
});

/**
 * Tells readers of the lake what is current now. What was published stays good when that fails, and the ledger says it
 * in any case; the next window of the same day writes the list anew.
 */
export async function listCurrent(partition: PartitionRef): Promise<void> {
  try {
    await list(partition);
  } catch (error) {
    if (isCancellation(error)) throw error;
    log.warn('The list of the current Parquet was not written; the next window of its day will.', { partition, error });
  }
}
