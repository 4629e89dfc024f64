import { setTimeout as sleep } from 'node:timers/promises';
import { OutageError } from '../model/outage-error.ts';
import { DocumentsUnreachableError } from './document-errors.ts';

const MAX_ATTEMPTS = 4;
const FIRST_PAUSE_MS = 50;

/**
 * Sends a request that is safe to repeat, and again after an outage: up to four attempts, with growing pauses of random
 * length, so that 16 that fail together do not come back together. Longer outages are for the activity's own retries.
 */
export async function retryOutages<Result>(
  signal: AbortSignal | undefined,
  request: () => Promise<Result>,
): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await request();
    } catch (error) {
      if (!(error instanceof OutageError) || attempt === MAX_ATTEMPTS) throw error;
      const askedMs = error instanceof DocumentsUnreachableError ? error.retryAfterMs : 0;
      const pauseMs = Math.max(askedMs, FIRST_PAUSE_MS * 2 ** (attempt - 1) * (0.5 + Math.random()));
      await sleep(pauseMs, undefined, signal === undefined ? {} : { signal });
    }
  }
}
