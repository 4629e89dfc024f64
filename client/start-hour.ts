import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { Client, WorkflowHandle } from '@temporalio/client';
import type { HourInput } from '../model/hour-run.ts';
import type { PartitionRef } from '../model/partition.ts';
import { backfillTaskQueue } from '../model/task-queue.ts';
import type { WindowKind } from '../model/window.ts';
import { hourWorkflowId, HOUR_WORKFLOW_TYPE } from '../model/workflow-id.ts';
import type { hour } from '../workflows/hour.ts';

export interface StartHourOptions {
  readonly window: WindowKind;
  readonly partition: PartitionRef;
  readonly taskQueue: string;
  readonly input: HourInput;
}

export interface StartedHour {
  readonly handle: WorkflowHandle<typeof hour>;
  /** An open run of this window was there: it is followed. One that was forced has been asked to go once more. */
  readonly joined: boolean;
}

/** Starts a window's run, or joins the one that is open: two at once cannot be, whoever starts them. */
export async function startHour(
  client: Client,
  { window, partition, taskQueue, input }: StartHourOptions,
): Promise<StartedHour> {
  const workflowId = hourWorkflowId(window, partition);
  try {
    const handle = await client.workflow.start<typeof hour>(HOUR_WORKFLOW_TYPE, {
      taskQueue: input.backfill === true ? backfillTaskQueue(taskQueue) : taskQueue,
      workflowId,
      args: [input],
    });
    return { handle: client.workflow.getHandle<typeof hour>(workflowId, handle.firstExecutionRunId), joined: false };
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
  const handle = client.workflow.getHandle<typeof hour>(workflowId);
  if (input.force === true) await handle.signal<[HourInput]>('goAgain', input);
  return { handle, joined: true };
}
