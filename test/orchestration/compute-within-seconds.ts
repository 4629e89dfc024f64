import { proxyActivities } from '@temporalio/workflow';
import type { ComputeInput } from '../../activities/derive/compute-derived.ts';
import type { Activities } from '../../activities/index.ts';

const { computeDerived } = proxyActivities<Activities>({
  startToCloseTimeout: '3 seconds',
  heartbeatTimeout: '12 seconds',
  retry: { maximumAttempts: 1 },
});

/** The one step of a derived partition's workflow, with a time that a test can wait for. */
export async function computeWithinSeconds(input: ComputeInput): Promise<void> {
  await computeDerived(input);
}
