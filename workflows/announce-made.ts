import { isCancellation, log, proxyActivities } from '@temporalio/workflow';
import type { Announcement } from '../activities/announce.ts';
import type { Activities } from '../activities/index.ts';

const { announce } = proxyActivities<Activities>({
  startToCloseTimeout: '15 seconds',
  retry: { maximumAttempts: 10, maximumInterval: '1 minute' },
});

/**
 * Tells everybody who reads it that this was made. What was published stays good when that fails; reconcile finds those
 * who were not told.
 */
export async function announceMade(announcement: Announcement): Promise<void> {
  try {
    await announce(announcement);
  } catch (error) {
    if (isCancellation(error)) throw error;
    log.warn('Nobody was told of what was made; the next reconcile will.', { announcement, error });
  }
}
