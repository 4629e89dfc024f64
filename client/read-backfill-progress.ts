import { WorkflowNotFoundError } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import type { BackfillProgress } from '../model/backfill.ts';
import { backfillWorkflowId } from '../model/workflow-id.ts';
import type { backfill } from '../workflows/backfill.ts';

/**
 * How far a backfill is at this moment; also of one that has ended, for as long as Temporal keeps it. A worker must be
 * up to answer. Undefined where there is none: never asked for, not accepted yet, or forgotten by Temporal.
 */
export async function readBackfillProgress(client: Client, id: string): Promise<BackfillProgress | undefined> {
  try {
    return await client.workflow.getHandle<typeof backfill>(backfillWorkflowId(id)).query<BackfillProgress>('progress');
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}
