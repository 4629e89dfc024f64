import type { WorkflowHandle } from '@temporalio/client';

/** When one activity of a run went, by the server's clock, in milliseconds since the epoch. */
export interface ActivityTimes {
  readonly activity: string;
  readonly scheduled: number;
  readonly started: number;
  readonly ended: number;
}

/** When a run went, as its history tells. */
export interface RunTimes {
  readonly started: number;
  readonly ended: number;
  readonly activities: readonly ActivityTimes[];
}

/** Reads the times of a run that has ended. Of an activity that was tried again, the last try. */
export async function readRun(handle: WorkflowHandle): Promise<RunTimes> {
  const { events } = await handle.fetchHistory();
  const all = (events ?? []).map((event) => ({ event, at: toMs(event.eventTime) }));
  const started = new Map<string, number>();
  const scheduled = new Map<string, { readonly activity: string; readonly at: number }>();
  const activities: ActivityTimes[] = [];
  for (const { event, at } of all) {
    const asked = event.activityTaskScheduledEventAttributes;
    const began = event.activityTaskStartedEventAttributes;
    const done = event.activityTaskCompletedEventAttributes;
    if (asked) scheduled.set(String(event.eventId), { activity: asked.activityType?.name ?? '', at });
    if (began) started.set(String(began.scheduledEventId), at);
    if (done) {
      const id = String(done.scheduledEventId);
      const { activity = '', at: scheduledAt = Number.NaN } = scheduled.get(id) ?? {};
      activities.push({ activity, scheduled: scheduledAt, started: started.get(id) ?? Number.NaN, ended: at });
    }
  }
  return { started: all[0]?.at ?? Number.NaN, ended: all.at(-1)?.at ?? Number.NaN, activities };
}

/** From the run's start to that of its first activity. */
export function firstActivityMs({ started, activities }: RunTimes): number {
  return Math.min(...activities.map((activity) => activity.started)) - started;
}

interface Timestamp {
  readonly seconds?: unknown;
  readonly nanos?: number | null;
}

function toMs(time: Timestamp | null | undefined): number {
  return Number(String(time?.seconds ?? 0)) * 1_000 + (time?.nanos ?? 0) / 1e6;
}
