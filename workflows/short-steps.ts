import { proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';

/** What a definition says, as it is now. Read in the worker's own memory, so without a way through the server. */
export const { describeDerived, describePipeline } = proxyLocalActivities<Activities>({
  startToCloseTimeout: '10 seconds',
  retry: { maximumAttempts: 5 },
});

/** Keeps why a run failed, when it ends. */
export const { recordFailure } = proxyActivities<Activities>({
  startToCloseTimeout: '15 seconds',
  retry: { maximumAttempts: 10, maximumInterval: '1 minute' },
});
