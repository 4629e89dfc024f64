import { setInterval as every } from 'node:timers/promises';
import { WorkflowFailedError } from '@temporalio/client';
import type { WorkflowHandle } from '@temporalio/client';
import { ActivityFailure } from '@temporalio/common';
import type { ConnectedClient } from './connect-client.ts';
import { reachTemporal } from './reach-temporal.ts';

/** A run of a window or a derived partition, as far as it can be followed. */
export interface FollowedRun<Result> extends Pick<WorkflowHandle, 'describe'> {
  result(): Promise<Result>;
}

/** How a run ended: with what it made, or with the reason that a person can act upon. */
export type RunEnd<Result> = Result | { readonly outcome: 'failed'; readonly reason: string };

const LOOK_EVERY_MS = 3_000;

/** Waits for the end of a run. `report` hears, once each, why a step had to be tried again. */
export async function followRun<Result>(
  connected: ConnectedClient,
  handle: FollowedRun<Result>,
  report: (line: string) => void,
): Promise<RunEnd<Result>> {
  const ended = new AbortController();
  const watching = reportRetries(handle, report, ended.signal);
  try {
    return await reachTemporal(connected, () => handle.result());
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    return { outcome: 'failed', reason: unwrap(error).message };
  } finally {
    ended.abort();
    await watching;
  }
}

/** The failure inside Temporal's own wrappers, which say only that something failed. Its causes are for logs. */
function unwrap(error: Error): Error {
  const isWrapper = error instanceof WorkflowFailedError || error instanceof ActivityFailure;
  return isWrapper && error.cause instanceof Error ? unwrap(error.cause) : error;
}

/** Looks now and then whether a step failed and waits for its next attempt. Looking is no duty: it never throws. */
async function reportRetries(
  handle: Pick<WorkflowHandle, 'describe'>,
  report: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const said = new Set<string>();
  try {
    for await (const _ of every(LOOK_EVERY_MS, undefined, { signal })) {
      const { raw } = await handle.describe();
      for (const { activityType, lastFailure } of raw.pendingActivities ?? []) {
        const line = `${activityType?.name ?? 'A step'} is tried again: ${lastFailure?.message ?? ''}`;
        if (!lastFailure || said.has(line)) continue;
        said.add(line);
        report(line);
      }
    }
  } catch {
    // Called off, or Temporal is away: whoever waits for the result hears of that.
  }
}
