import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { Client, WorkflowHandle } from '@temporalio/client';
import type { DeriveInput } from '../model/derive-run.ts';
import { DERIVE_WORKFLOW_TYPE, deriveWorkflowId } from '../model/workflow-id.ts';
import type { derive } from '../workflows/derive.ts';
import type { SignalDeriveOptions } from './signal-derive.ts';

export interface StartDeriveOptions extends SignalDeriveOptions {
  readonly input: DeriveInput;
}

/**
 * Computes one partition of a derived asset, or joins the run that does, which then goes round once more, forced if
 * `input` says so. */
export async function startDerive(
  client: Client,
  { derived, start, taskQueue, input }: StartDeriveOptions,
): Promise<{ readonly handle: WorkflowHandle<typeof derive>; readonly joined: boolean }> {
  const workflowId = deriveWorkflowId(derived, start);
  try {
    const { firstExecutionRunId } = await client.workflow.start<typeof derive>(DERIVE_WORKFLOW_TYPE, {
      taskQueue,
      workflowId,
      args: [input],
    });
    return { handle: client.workflow.getHandle<typeof derive>(workflowId, firstExecutionRunId), joined: false };
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
  const handle = client.workflow.getHandle<typeof derive>(workflowId);
  await handle.signal<[Pick<DeriveInput, 'force'>]>('inputMade', input.force === true ? { force: true } : {});
  return { handle, joined: true };
}
