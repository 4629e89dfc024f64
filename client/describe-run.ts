import { WorkflowFailedError, WorkflowNotFoundError } from '@temporalio/client';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { describeRunInfo } from './list-runs.ts';
import type { Run } from './list-runs.ts';

/** A step that has begun and not ended. */
export interface PendingStep {
  readonly name: string;
  /** Counted from 1. */
  readonly attempt: number;
  /** Why the attempt before failed. */
  readonly lastFailure: string | undefined;
}

/** One run with what it is at, and how it ended. */
export interface RunDescription extends Run {
  readonly historyEvents: number;
  readonly pending: readonly PendingStep[];
  /** What it gave, where it completed. */
  readonly result: unknown;
  /** The innermost reason, where it failed. */
  readonly failure: string | undefined;
}

/** The newest run under this workflow id; undefined where Temporal has none, or none any more. */
export async function describeRun(client: Client, workflowId: string): Promise<RunDescription | undefined> {
  const newest = client.workflow.getHandle(workflowId);
  try {
    const { raw, historyLength, ...info } = await newest.describe();
    const run = describeRunInfo(info);
    const handle = client.workflow.getHandle(workflowId, run.runId, { followRuns: false });
    const pending = (raw.pendingActivities ?? []).map(({ activityType, attempt, lastFailure }) => ({
      name: activityType?.name ?? 'a step',
      attempt: attempt ?? 1,
      lastFailure: lastFailure?.message ?? undefined,
    }));
    const end = run.state === 'running' ? NOT_ENDED : await readEnd(handle);
    return { ...run, historyEvents: historyLength, pending, ...end };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

type End = Pick<RunDescription, 'result' | 'failure'>;

const NOT_ENDED: End = { result: undefined, failure: undefined };

async function readEnd(handle: WorkflowHandle): Promise<End> {
  try {
    return { result: (await handle.result()) as unknown, failure: undefined };
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    let cause: Error = error;
    while (cause.cause instanceof Error) cause = cause.cause;
    return { result: undefined, failure: cause.message };
  }
}
