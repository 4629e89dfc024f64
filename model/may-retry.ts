import type { Instant } from './window.ts';

/** How a partition's last run failed. */
export interface FailedAttempt {
  readonly retryable: boolean;
  readonly failedAt: Instant;
  /** How many have failed since the last publish. At least 1. */
  readonly attempts: number;
  /** The version of the input and code that were tried; undefined where that is not known. */
  readonly tried?: string | undefined;
}

const FIRST_WAIT_MS = 10 * 60_000;
const MAX_WAIT_MS = 6 * 3_600_000;

/**
 * Whether a failed partition may be tried again without a person: at once when input or code are others than those that
 * failed, else only where time can help, and the later the more often it was tried, up to every six hours.
 * `present` are the versions that there are to try; empty where nobody looked.
 */
export function mayRetry(failure: FailedAttempt | undefined, present: readonly string[], now: Instant): boolean {
  if (!failure) return true;
  const { tried, retryable, failedAt, attempts } = failure;
  const isChanged = tried !== undefined && present.length > 0 && !present.includes(tried);
  if (isChanged) return true;
  return retryable && now >= failedAt + Math.min(FIRST_WAIT_MS * 2 ** (attempts - 1), MAX_WAIT_MS);
}
