import { ScheduleNotFoundError } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import type { PipelineName } from '../model/asset-key.ts';
import type { Instant, WindowKind } from '../model/window.ts';
import { erasuresScheduleId, hourWorkflowIdBase } from '../model/workflow-id.ts';

/** As much of a pipeline as its schedule is named by. */
export interface ScheduledPipeline {
  readonly window: WindowKind;
  readonly name: PipelineName;
}

/** How a pipeline's schedule stands. */
export interface Schedule {
  readonly scheduleId: string;
  /** Windows from here on are promised to be made. */
  readonly createdAt: Instant;
  readonly paused: boolean;
  /** Why it is paused, or why it was resumed; may be empty. */
  readonly note: string;
  /** When the next windows begin, the nearest first. */
  readonly nextAt: readonly Instant[];
}

/** Undefined where the pipeline has no schedule: none was made yet, or workers are told to make none. */
export function readSchedule(client: Client, { window, name }: ScheduledPipeline): Promise<Schedule | undefined> {
  return readScheduleById(client, hourWorkflowIdBase(window, name));
}

/** The schedule that has a pipeline's due erasures begin; undefined where it has none. */
export function readErasuresSchedule(
  client: Client,
  { name }: Pick<ScheduledPipeline, 'name'>,
): Promise<Schedule | undefined> {
  return readScheduleById(client, erasuresScheduleId(name));
}

async function readScheduleById(client: Client, scheduleId: string): Promise<Schedule | undefined> {
  try {
    const { info, state } = await client.schedule.getHandle(scheduleId).describe();
    return {
      scheduleId,
      createdAt: info.createdAt.getTime(),
      paused: state.paused,
      note: state.note ?? '',
      nextAt: info.nextActionTimes.map((at) => at.getTime()),
    };
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return undefined;
    throw error;
  }
}
