import { ApplicationFailure } from '@temporalio/common';
import type { ActivityInboundCallsInterceptor } from '@temporalio/worker';
import { TerminalError } from '../model/terminal-error.ts';

/** What only a mistake in the code throws: trying again gives the same. */
const BUGS = [TypeError, RangeError, ReferenceError, SyntaxError];

/**
 * The one place that tells Temporal which failures not to retry: terminal errors and bugs. The class name stays as the
 * failure's type.
 */
export const terminalErrors: ActivityInboundCallsInterceptor = {
  async execute(input, next) {
    try {
      return await next(input);
    } catch (error) {
      // A fetch or socket that failed is a TypeError with a cause in some clients: an outage, no bug.
      const isBug = BUGS.some((bug) => error instanceof bug) && (error as Error).cause === undefined;
      if (!(error instanceof TerminalError) && !isBug) throw error;
      throw ApplicationFailure.fromError(error, { nonRetryable: true });
    }
  },
};
