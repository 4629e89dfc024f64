import { FencedError } from '../../warehouse/fence.ts';
import { SuppressionRisenError } from '../../warehouse/lock-suppression.ts';

/** Runs of the window come in between so often before a later try of this step goes on. */
const MAX_OVERTAKEN = 5;

/** Does this behind a fence that it claims itself, and again where a run of the window came in between. */
export async function againWhenOvertaken<T>(work: () => Promise<T>): Promise<T> {
  for (let overtaken = 0; overtaken < MAX_OVERTAKEN; overtaken += 1) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof FencedError) && !(error instanceof SuppressionRisenError)) throw error;
    }
  }
  throw new Error('Runs of a window that is to be erased came in between, again and again. It is tried again later.');
}
