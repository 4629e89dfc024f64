import { ScheduleAlreadyRunning, ScheduleOverlapPolicy } from '@temporalio/client';
import type { Client, ScheduleOptions } from '@temporalio/client';
import type { PipelineSpec } from '../model/pipeline-spec.ts';
import {
  ERASURES_WORKFLOW_TYPE,
  erasuresScheduleId,
  HOUR_WORKFLOW_TYPE,
  hourWorkflowIdBase,
  RECONCILE_WORKFLOW_TYPE,
  reconcileScheduleId,
} from '../model/workflow-id.ts';
import type { WindowKind } from '../model/window.ts';

type Spec = NonNullable<ScheduleOptions['spec']>;

/**
 * Sees to it that this pipeline's schedule is there and as the definition says. It ticks at the START of each window
 * and the run waits for the end, so that a window's run is always to be seen. A pause by a person stays.
 */
export async function ensureSchedule(client: Client, pipeline: PipelineSpec, taskQueue: string): Promise<void> {
  await createOrUpdate(client, scheduleOptions(pipeline, taskQueue));
}

/**
 * Sees to it that this pipeline is reconciled every ten minutes. One pass at a time; it does nothing while the
 * pipeline's own schedule is paused.
 */
export async function ensureReconcile(
  client: Client,
  { name }: Pick<PipelineSpec, 'name'>,
  taskQueue: string,
): Promise<void> {
  const scheduleId = reconcileScheduleId(name);
  await createOrUpdate(client, {
    scheduleId,
    spec: { intervals: [{ every: '10 minutes' }] },
    action: {
      type: 'startWorkflow',
      workflowType: RECONCILE_WORKFLOW_TYPE,
      workflowId: scheduleId,
      taskQueue,
      args: [{ pipeline: name }],
    },
    // A pass that was missed is made up for by the next one.
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '10 minutes' },
  });
}

/**
 * Sees to it that the erasures that are due in this pipeline begin at one o'clock in its zone, each day. They go on while
 * the pipeline's own schedule is paused: who asked to be forgotten waits for no feed.
 */
export async function ensureErasures(
  client: Client,
  { name, zone = 'UTC' }: Pick<PipelineSpec, 'name' | 'zone'>,
  taskQueue: string,
): Promise<void> {
  const scheduleId = erasuresScheduleId(name);
  await createOrUpdate(client, {
    scheduleId,
    spec: { calendars: [{ hour: ERASURES_HOUR, minute: 0, second: 0 }], timezone: zone },
    action: {
      type: 'startWorkflow',
      workflowType: ERASURES_WORKFLOW_TYPE,
      workflowId: scheduleId,
      taskQueue,
      args: [{ pipeline: name }],
    },
    // One that takes longer than a day is followed by the next, which finds what became due meanwhile.
    policies: { overlap: ScheduleOverlapPolicy.BUFFER_ONE, catchupWindow: '1 day' },
  });
}

/** Requests are due from the day's first moment; what the hours before midnight brought has settled by then. */
const ERASURES_HOUR = 1;

type OwnSchedule = ScheduleOptions & {
  readonly spec: Spec;
  readonly action: ScheduleOptions['action'] & { readonly workflowId: string };
};

async function createOrUpdate(client: Client, options: OwnSchedule): Promise<void> {
  try {
    await client.schedule.create(options);
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    const { spec, action, policies } = options;
    await client.schedule.getHandle(options.scheduleId).update((previous) => ({
      spec,
      action,
      policies: { ...previous.policies, ...policies },
      state: previous.state,
    }));
  }
}

function scheduleOptions({ name, window }: PipelineSpec, taskQueue: string) {
  return {
    scheduleId: hourWorkflowIdBase(window, name),
    spec: tickAtStart(window),
    action: {
      type: 'startWorkflow',
      workflowType: HOUR_WORKFLOW_TYPE,
      workflowId: hourWorkflowIdBase(window, name),
      taskQueue,
      args: [{}],
      // No retry here: a failed scheduled workflow that is retried by the server can wedge its schedule.
    },
    policies: {
      // Windows are independent; SKIP could stop a pipeline for days without a word.
      overlap: ScheduleOverlapPolicy.ALLOW_ALL,
      catchupWindow: '7 days',
    },
  } as const satisfies ScheduleOptions;
}

function tickAtStart(window: WindowKind): Spec {
  switch (window.unit) {
    case 'hour':
      return { intervals: [{ every: '1 hour' }] };
    case 'day':
      return { intervals: [{ every: '1 day' }] };
    case 'month':
      return { calendars: [{ dayOfMonth: 1, hour: 0, minute: 0, second: 0 }] };
    case 'every':
      return { intervals: [{ every: window.ms }] };
  }
}
