import { setTimeout as delay } from 'node:timers/promises';
import type { ConnectedClient } from '../client/connect-client.ts';
import type { BackfillProgress } from '../model/backfill.ts';
import { openBackfillBar } from './backfill-bar.ts';
import type { Output } from './output.ts';

const LOOK_EVERY_MS = 500;
const LOOK_MS = 3_000;
const PATIENCE_MS = 10_000;

/** Stays until everything that a backfill makes has ended, shows how far it is, and gives how it ended. */
export async function followBackfill(
  { client }: ConnectedClient,
  id: string,
  output: Output,
): Promise<BackfillProgress> {
  const { waitForBackfill } = await import('../client/wait-for-backfill.ts');
  const ended = new AbortController();
  const watching = showProgress({ client }, id, output, ended.signal);
  try {
    return await waitForBackfill(client, id);
  } finally {
    ended.abort();
    await watching;
  }
}

/** How far a backfill is; undefined where no worker answers in time, or Temporal has none of this id. */
export async function askProgress(
  { client }: Pick<ConnectedClient, 'client'>,
  id: string,
): Promise<BackfillProgress | undefined> {
  const { readBackfillProgress } = await import('../client/read-backfill-progress.ts');
  try {
    return await client.withDeadline(Date.now() + LOOK_MS, () => readBackfillProgress(client, id));
  } catch {
    return undefined;
  }
}

/** Waits a little until a worker has taken the request; gives how far it is then, undefined where none took it. */
export async function waitUntilTaken(
  connected: Pick<ConnectedClient, 'client'>,
  id: string,
): Promise<BackfillProgress | undefined> {
  const until = Date.now() + LOOK_MS;
  while (Date.now() < until) {
    const progress = await askProgress(connected, id);
    if (progress) return progress;
    await delay(LOOK_EVERY_MS / 5);
  }
  return undefined;
}

/** Looking is no duty: it never throws. */
async function showProgress(
  connected: Pick<ConnectedClient, 'client'>,
  id: string,
  { note }: Output,
  signal: AbortSignal,
): Promise<void> {
  const bar = openBackfillBar(id, note);
  const impatientAt = Date.now() + PATIENCE_MS;
  let isSeen = false;
  let isSaid = false;
  while (!signal.aborted) {
    const progress = await askProgress(connected, id);
    isSeen ||= progress !== undefined;
    if (progress) bar.show(progress);
    if (!isSeen && !isSaid && Date.now() > impatientAt) {
      note(`No worker has taken ${id} yet. It is on record and begins when one is up.`);
      isSaid = true;
    }
    await delay(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
  bar.stop();
}
