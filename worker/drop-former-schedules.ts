import { ScheduleNotFoundError } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import type { PipelineSpec } from '../model/pipeline-spec.ts';
import { hourWorkflowIdBase } from '../model/workflow-id.ts';
import type { WindowKind } from '../model/window.ts';

/** One of each unit: a schedule's id names the unit and not how long its windows are. */
const KINDS: readonly WindowKind[] = [
  { unit: 'hour' },
  { unit: 'day' },
  { unit: 'month' },
  { unit: 'every', ms: 1_000 },
];

/** Takes away the schedules that a pipeline had when its windows were of another unit: they would tick on beside its own. */
export async function dropFormerSchedules(client: Client, { name, window }: PipelineSpec): Promise<void> {
  for (const kind of KINDS.filter(({ unit }) => unit !== window.unit)) {
    await client.schedule
      .getHandle(hourWorkflowIdBase(kind, name))
      .delete()
      .catch((error: unknown) => {
        if (!(error instanceof ScheduleNotFoundError)) throw error;
      });
  }
}
