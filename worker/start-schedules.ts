import type { Client } from '@temporalio/client';
import { readSchedule } from '../client/read-schedule.ts';
import { startHour } from '../client/start-hour.ts';
import { hasPii } from '../model/pii-fields.ts';
import type { PipelineSpec } from '../model/pipeline-spec.ts';
import { windowOf } from '../model/window.ts';
import { dropFormerSchedules } from './drop-former-schedules.ts';
import { ensureErasures, ensureReconcile, ensureSchedule } from './ensure-schedule.ts';

/**
 * Sees to it that every pipeline's schedule is there, and that its present window has a run: a schedule made in the
 * middle of a window ticks only at the next one. A pipeline that is paused starts nothing, also not now.
 */
export async function startSchedules(
  client: Client,
  pipelines: readonly PipelineSpec[],
  { taskQueue, now }: { readonly taskQueue: string; readonly now: number },
): Promise<void> {
  for (const pipeline of pipelines) {
    await ensureSchedule(client, pipeline, taskQueue);
    await dropFormerSchedules(client, pipeline);
    const schedule = await readSchedule(client, pipeline);
    await ensureReconcile(client, pipeline, taskQueue);
    if (hasPii(pipeline)) await ensureErasures(client, pipeline, taskQueue);
    if (schedule?.paused) continue;
    const { start } = windowOf(pipeline.window, now);
    const partition = { pipeline: pipeline.name, start };
    await startHour(client, { window: pipeline.window, partition, taskQueue, input: {} });
  }
}
