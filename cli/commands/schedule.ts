import type { Client } from '@temporalio/client';
import type { Schedule } from '../../client/read-schedule.ts';
import { ConfigurationError } from '../../config/errors.ts';
import { hasPii } from '../../model/pii-fields.ts';
import { formatPartition, windowOf } from '../../model/window.ts';
import type { Instant } from '../../model/window.ts';
import type { Command, CommandContext } from '../command.ts';
import { findPipeline } from '../find-pipeline.ts';
import { formatTable } from '../format-table.ts';
import { useServers } from '../use-servers.ts';

export interface ScheduleOptions {
  readonly pipeline: string;
  readonly note?: string;
}

/** Lists what starts the windows of every pipeline, and its erasures. */
export const listCommand: Command = async (context) => {
  const { pipelines } = await context.loadDefinitions();
  const { readErasuresSchedule, readSchedule } = await import('../../client/read-schedule.ts');
  const schedules = await useServers(context, async ({ temporal: { client } }) =>
    Promise.all(
      [...pipelines.values()].map(async ({ spec }) => ({
        pipeline: spec.name,
        ...describe(await readSchedule(client, spec)),
        erasures: hasPii(spec)
          ? { zone: spec.zone ?? 'UTC', ...describe(await readErasuresSchedule(client, spec)) }
          : null,
      })),
    ),
  );
  const rows = schedules.map(({ pipeline, state, next, note, erasures }) => [
    ...[pipeline, state, next[0] ?? null],
    erasures && (erasures.next[0] ?? erasures.state),
    note,
  ]);
  const heads = ['pipeline', 'schedule', 'next window begins', 'next erasures', 'note'];
  context.output.result({ schedules }, formatTable([heads, ...rows]));
};

function describe(schedule: Schedule | undefined) {
  if (!schedule) return { state: 'absent', note: '', createdAt: null, next: [] };
  const { paused, note, createdAt, nextAt } = schedule;
  return {
    state: paused ? 'paused' : 'active',
    note,
    createdAt: toIso(createdAt),
    next: paused ? [] : nextAt.map(toIso),
  };
}

/** Starts no more windows of a pipeline; what runs ends, and reconcile leaves it alone. */
export const pause: Command<ScheduleOptions> = async (context, { pipeline, note }) => {
  const { pauseSchedule } = await import('../../client/pause-schedule.ts');
  const { spec } = findPipeline(await context.loadDefinitions(), pipeline);
  const said = note ?? `Paused by a person at ${toIso(Date.now())}.`;
  await steer(context, pipeline, async (client) => pauseSchedule(client, spec, said));
  context.output.result(
    { pipeline, state: 'paused', note: said },
    `${pipeline} is paused: no window is started until \`hourloom schedule resume ${pipeline}\`.${hasPii(spec) ? ' Erasures go on.' : ''}`,
  );
};

/** Starts windows again; those of the pause are made by the next reconcile. */
export const resume: Command<ScheduleOptions> = async (context, { pipeline }) => {
  const { resumeSchedule } = await import('../../client/resume-schedule.ts');
  const { spec } = findPipeline(await context.loadDefinitions(), pipeline);
  const said = `Resumed by a person at ${toIso(Date.now())}.`;
  await steer(context, pipeline, async (client) => resumeSchedule(client, spec, said));
  context.output.result(
    { pipeline, state: 'active', note: said },
    `${pipeline} is resumed. Windows that the pause left out are made by the next reconcile.`,
  );
};

/** Starts the present window's run, or joins the one that the schedule started: the same run in either case. */
export const trigger: Command<ScheduleOptions> = async (context, { pipeline }) => {
  const { startHour } = await import('../../client/start-hour.ts');
  const { spec } = findPipeline(await context.loadDefinitions(), pipeline);
  const { window, name } = spec;
  const { start } = windowOf(window, Date.now());
  const { taskQueue } = context.config;
  const { handle, joined } = await useServers(
    context,
    ({ temporal }) =>
      startHour(temporal.client, { window, partition: { pipeline: name, start }, taskQueue, input: {} }),
    { worker: true },
  );
  const partition = formatPartition(window, start);
  context.output.result(
    { pipeline, partition, workflowId: handle.workflowId, joined },
    `${joined ? 'Open already' : 'Started'}: ${handle.workflowId}. It waits until its window is over and settled.`,
  );
};

/** Says in a sentence when there is nothing to steer. */
async function steer(context: CommandContext, pipeline: string, act: (client: Client) => Promise<void>): Promise<void> {
  const { ScheduleNotFoundError } = await import('@temporalio/client');
  try {
    await useServers(context, ({ temporal }) => act(temporal.client));
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
    throw new ConfigurationError(
      `${pipeline} has no schedule yet. A worker makes it when it starts: npm start, or a worker of yours with HOURLOOM_SCHEDULES=on.`,
      { cause: error },
    );
  }
}

function toIso(at: Instant): string {
  return new Date(at).toISOString();
}
