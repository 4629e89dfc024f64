import { ActivityFailure } from '@temporalio/common';

/** What a step ended with: the server wraps it where it handed the step out, and a step within the run's own task is bare. */
export function stepFailure(error: unknown): unknown {
  return error instanceof ActivityFailure ? error.cause : error;
}
