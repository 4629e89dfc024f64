import type { Client } from '@temporalio/client';
import type { Steered } from '../../../client/steer-backfill.ts';
import type { Command, CommandContext } from '../../command.ts';
import { UsageError } from '../../errors.ts';
import { useServers } from '../../use-servers.ts';
import type { Servers } from '../../use-servers.ts';
import { explainAbsent } from './show.ts';
import { readWidth } from './start.ts';

export interface SteerOptions {
  readonly id: string;
}

export interface WidthOptions extends SteerOptions {
  readonly count: string;
}

const load = async () => await import('../../../client/steer-backfill.ts');

/** Starts no more windows; those that run end. */
export const pause: Command<SteerOptions> = (context, { id }) =>
  steer(context, id, {
    asked: 'pause',
    said: 'is paused. What runs ends; nothing more is started.',
    signal: async (client) => (await load()).pauseBackfill(client, id),
  });

/** Goes on after a pause. */
export const resume: Command<SteerOptions> = (context, { id }) =>
  steer(context, id, {
    asked: 'resume',
    said: 'goes on.',
    signal: async (client) => (await load()).resumeBackfill(client, id),
  });

/** Changes how many windows run at once. */
export const width: Command<WidthOptions> = (context, { id, count }) => {
  const atOnce = readWidth(count);
  return steer(context, id, {
    asked: 'width',
    said: `makes ${atOnce} windows at once.`,
    signal: async (client) => (await load()).setBackfillWidth(client, id, atOnce),
  });
};

/** Ends it; open runs leave their windows as they were, and what is made stays. */
export const cancel: Command<SteerOptions> = (context, { id }) =>
  steer(context, id, {
    asked: 'cancel',
    said: 'ends. Windows that are made stay; none is left half made.',
    signal: async (client) => (await load()).cancelBackfill(client, id),
  });

/** Makes its failed windows again. */
export const retry: Command<SteerOptions> = (context, { id }) =>
  steer(context, id, {
    asked: 'retry',
    said: 'makes its failed windows again.',
    signal: async (client) => (await load()).retryBackfill(client, id),
  });

interface Steering {
  readonly asked: string;
  /** What it comes to, after the id in a sentence. */
  readonly said: string;
  readonly signal: (client: Client) => Promise<Steered>;
}

async function steer(context: CommandContext, id: string, { asked, said, signal }: Steering): Promise<void> {
  const carryOut = async ({ warehouse, temporal }: Servers) => {
    if ((await signal(temporal.client)) === 'absent') throw new UsageError(await explainDeaf(warehouse, id));
  };
  await useServers(context, carryOut, { worker: true });
  context.output.result({ id, asked }, `${id} ${said}`);
}

/** Why a backfill cannot be steered, and what can be done in its place. */
async function explainDeaf({ sql }: Servers['warehouse'], id: string): Promise<string> {
  const { readBackfill } = await import('../../../warehouse/read-backfill.ts');
  const backfill = await readBackfill(sql, id);
  if (!backfill) return explainAbsent(id);
  const { state, pipeline } = backfill;
  return `${id} has ended (${state}), so it cannot be steered. Start another for what is left: hourloom backfill start ${pipeline} --only missing, or failed.`;
}
