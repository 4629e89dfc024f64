import { ScheduleNotFoundError, WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import type { PipelineName } from '../model/asset-key.ts';
import type { DerivedSpec } from '../model/derived-spec.ts';
import type { HourInput } from '../model/hour-run.ts';
import type { PartitionRef } from '../model/partition.ts';
import type { Instant, WindowKind } from '../model/window.ts';
import { BACKFILL_WORKFLOW_TYPE, backfillWorkflowId } from '../model/workflow-id.ts';
import { pauseSchedule } from './pause-schedule.ts';
import { readSchedule } from './read-schedule.ts';
import { signalDerive } from './signal-derive.ts';
import { startHour } from './start-hour.ts';

/** How a worker's activities start and steer other workflows: with the client library, on the worker's own task queue. */
export function createStarter(client: Client, taskQueue: string) {
  return {
    async startHour(window: WindowKind, partition: PartitionRef, input: HourInput): Promise<'started' | 'open'> {
      const { joined } = await startHour(client, { window, partition, taskQueue, input });
      return joined ? 'open' : 'started';
    },
    signalDerive: (derived: Pick<DerivedSpec, 'asset' | 'window'>, start: Instant) =>
      signalDerive(client, { derived, start, taskQueue }),
    async startBackfill(id: string): Promise<void> {
      try {
        await client.workflow.start(BACKFILL_WORKFLOW_TYPE, {
          taskQueue,
          workflowId: backfillWorkflowId(id),
          // A request counts once, also when its backfill has ended long ago.
          workflowIdReusePolicy: 'REJECT_DUPLICATE',
          args: [{}],
        });
      } catch (error) {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      }
    },
    async isOpen(workflowId: string): Promise<boolean> {
      try {
        const { status } = await client.workflow.getHandle(workflowId).describe();
        return status.name === 'RUNNING' || status.name === 'PAUSED';
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return false;
        throw error;
      }
    },
    readSchedule: (window: WindowKind, pipeline: PipelineName) => readSchedule(client, { window, name: pipeline }),
    async pauseSchedule(window: WindowKind, pipeline: PipelineName, note: string): Promise<void> {
      try {
        await pauseSchedule(client, { window, name: pipeline }, note);
      } catch (error) {
        if (!(error instanceof ScheduleNotFoundError)) throw error;
      }
    },
  };
}
