import { ActivityFailure, ApplicationFailure, ChildWorkflowFailure } from '@temporalio/common';

/** What a failed run leaves behind: the failure that a person can act upon, out of Temporal's own wrappers. */
export function readFailure(error: unknown): { readonly reason: string; readonly retryable: boolean } {
  const cause = unwrap(error);
  const retryable = cause instanceof ApplicationFailure ? cause.nonRetryable !== true || isForLater(cause) : true;
  return { reason: cause instanceof Error ? cause.message : String(cause), retryable };
}

/**
 * A function of the user's is tried a few times in a run; what it asks may answer in the next one all the same. And a key
 * is set without a change of input or code.
 */
function isForLater({ type }: ApplicationFailure): boolean {
  return FOR_LATER.has(type ?? '');
}

const FOR_LATER = new Set(['MakeFailedError', 'MakeTimeoutError', 'ErasureKeyMissingError', 'ErasureKeyUnsetError']);

function unwrap(error: unknown): unknown {
  const isWrapper = error instanceof ActivityFailure || error instanceof ChildWorkflowFailure;
  return isWrapper && error.cause ? unwrap(error.cause) : error;
}
