import type { HealthState } from './health.ts';

/** What a webhook is sent when an asset's health has changed. It holds no more than `status` shows. */
export interface Alert {
  /** `<asset>/<number of the change>`: the same for each try, so that a receiver can take it once. */
  readonly id: string;
  /** The asset's key; a pipeline's name where its breaker is meant. */
  readonly asset: string;
  /** The state that was told before. */
  readonly from: HealthState;
  readonly to: HealthState;
  readonly why: string;
  /** The partition that it is about, null where it is about none. */
  readonly partition: string | null;
  /** When it changed, RFC 3339 in UTC. */
  readonly at: string;
}

/** The first wait, and the longest: doubled with each try that failed. */
const FIRST_WAIT_MS = 15_000;
const LONGEST_WAIT_MS = 3_600_000;

/** How long to wait after so many tries that no receiver took. */
export function alertWaitMs(attempts: number): number {
  return Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.max(0, attempts - 1));
}
