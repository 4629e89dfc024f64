import { activityInfo } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { ActivityInboundCallsInterceptor } from '@temporalio/worker';
import { TerminalError } from '../model/terminal-error.ts';
import { OutdatedWorkerError } from '../warehouse/assert-newest-code.ts';

/** What only a mistake in the code throws: trying again gives the same. */
const BUGS = [TypeError, RangeError, ReferenceError, SyntaxError];

/**
 * The one place that tells Temporal which failures not to retry: terminal errors and bugs; and when to try again what
 * another worker may do. The class name stays as the failure's type.
 */
export const terminalErrors: ActivityInboundCallsInterceptor = {
  async execute(input, next) {
    try {
      return await next(input);
    } catch (error) {
      if (error instanceof OutdatedWorkerError) {
        throw ApplicationFailure.fromError(error, { nextRetryDelay: outdatedDelayMs(activityInfo().attempt) });
      }
      // A fetch or socket that failed is a TypeError with a cause in some clients: an outage, no bug.
      const isBug = BUGS.some((bug) => error instanceof bug) && (error as Error).cause === undefined;
      if (!(error instanceof TerminalError) && !isBug) throw error;
      throw ApplicationFailure.fromError(error, { nonRetryable: true });
    }
  },
};

const MAX_OUTDATED_DELAY_MS = 60_000;

/**
 * The next try finds a newer worker by chance, so it comes soon; where none is up yet, a rolling deploy needs some minutes.
 * Sixty tries are half an hour.
 */
function outdatedDelayMs(attempt: number): number {
  return Math.min(attempt * 1_000, MAX_OUTDATED_DELAY_MS);
}
