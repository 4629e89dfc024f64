import { ApplicationFailure } from '@temporalio/common';
import { stepFailure } from './step-failure.ts';

/**
 * No other run of this partition is open, so one that overtook us can only be an attempt of our own that was given up
 * and came back late. It publishes nothing; we begin again, behind a higher fence. So we do where a deploy came between two
 * steps, because what one code staged no other may load.
 */
const MAX_OVERTAKEN = 3;

/** Does this, and does it again where an attempt of the same run came in between. */
export async function againWhenOvertaken<T>(work: () => Promise<T>): Promise<T> {
  for (let overtaken = 0; ; overtaken += 1) {
    try {
      return await work();
    } catch (error) {
      if (!isOvertaken(error) || overtaken === MAX_OVERTAKEN) throw error;
    }
  }
}

function isOvertaken(error: unknown): boolean {
  const cause = stepFailure(error);
  return cause instanceof ApplicationFailure && OVERTAKEN.has(cause.type ?? '');
}

/** An attempt, a deploy or an erasure came in between. */
const OVERTAKEN: ReadonlySet<string> = new Set(['FencedError', 'OtherCodeError', 'SuppressionRisenError']);
