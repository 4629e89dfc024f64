import type { Client } from '@temporalio/client';
import type { ScheduledPipeline } from './read-schedule.ts';
import { hourWorkflowIdBase } from '../model/workflow-id.ts';

/**
 * From now on nothing of the pipeline is started by itself: neither by its schedule nor by reconcile. Runs that are open
 * go on, and what a person or a backfill starts is made. Rejects with Temporal's `ScheduleNotFoundError` where it has no
 * schedule.
 */
export async function pauseSchedule(client: Client, { window, name }: ScheduledPipeline, note: string): Promise<void> {
  await client.schedule.getHandle(hourWorkflowIdBase(window, name)).pause(note);
}
