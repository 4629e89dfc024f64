import { WorkflowNotFoundError } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import { backfillWorkflowId } from '../model/workflow-id.ts';

/** `absent`: it has ended, was never asked for, or is not accepted yet. */
export type Steered = 'done' | 'absent';

/** Starts no more windows; those that run end. */
export function pauseBackfill(client: Client, id: string): Promise<Steered> {
  return signalBackfill(client, id, 'pause', []);
}

/** Goes on after a pause. */
export function resumeBackfill(client: Client, id: string): Promise<Steered> {
  return signalBackfill(client, id, 'resume', []);
}

/** Changes how many windows are made at once; of more that run already, none is stopped. */
export function setBackfillWidth(client: Client, id: string, width: number): Promise<Steered> {
  return signalBackfill(client, id, 'width', [width]);
}

/** Ends it: open runs of its own are cancelled and leave their windows as they were; those that are made stay. */
export function cancelBackfill(client: Client, id: string): Promise<Steered> {
  return signalBackfill(client, id, 'cancel', []);
}

/** Makes its failed windows once more, before the others. */
export function retryBackfill(client: Client, id: string): Promise<Steered> {
  return signalBackfill(client, id, 'retry', []);
}

async function signalBackfill(client: Client, id: string, signal: string, values: readonly number[]): Promise<Steered> {
  try {
    await client.workflow.getHandle(backfillWorkflowId(id)).signal(signal, ...values);
    return 'done';
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return 'absent';
    throw error;
  }
}
