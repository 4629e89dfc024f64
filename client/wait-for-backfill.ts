import { setTimeout as delay } from 'node:timers/promises';
import { WorkflowNotFoundError } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import type { BackfillProgress } from '../model/backfill.ts';
import { backfillWorkflowId } from '../model/workflow-id.ts';
import type { backfill } from '../workflows/backfill.ts';

/** How often a request is looked for that no worker has accepted yet. */
const LOOK_EVERY_MS = 250;

/**
 * Returns when everything that a backfill makes has ended: its hours, and the derived partitions after them. A request
 * that is not accepted yet is waited for. Rejects with Temporal's `WorkflowFailedError` where the backfill itself broke
 * or was terminated; what it had made stays.
 */
export async function waitForBackfill(
  client: Client,
  id: string,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<BackfillProgress> {
  const handle = client.workflow.getHandle<typeof backfill>(backfillWorkflowId(id));
  for (;;) {
    signal?.throwIfAborted();
    try {
      return await handle.result();
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
    }
    await delay(LOOK_EVERY_MS, undefined, signal ? { signal } : {});
  }
}
