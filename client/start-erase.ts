import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { ERASE_WORKFLOW_TYPE, eraseWorkflowId } from '../model/workflow-id.ts';
import type { erase } from '../workflows/erase.ts';

/** Starts the run of a request that is on record, or joins the one that is open. It is told nothing but the random id. */
export async function startErase(
  client: Client,
  { erasure, taskQueue }: { readonly erasure: string; readonly taskQueue: string },
): Promise<WorkflowHandle<typeof erase>> {
  const workflowId = eraseWorkflowId(erasure);
  try {
    return await client.workflow.start<typeof erase>(ERASE_WORKFLOW_TYPE, { taskQueue, workflowId, args: [] });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    return client.workflow.getHandle<typeof erase>(workflowId);
  }
}
