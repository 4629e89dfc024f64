import type { Client } from '@temporalio/client';
import { hourWorkflowIdBase } from '../model/workflow-id.ts';
import type { ScheduledPipeline } from './read-schedule.ts';

/** Goes on after a pause. The windows of the pause are made by the next reconcile. */
export async function resumeSchedule(client: Client, { window, name }: ScheduledPipeline, note: string): Promise<void> {
  await client.schedule.getHandle(hourWorkflowIdBase(window, name)).unpause(note);
}
