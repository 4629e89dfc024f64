import type { FailedCheck } from './check-result.ts';

/** What a run of a derived partition is asked for. Its asset and window are in the workflow's id. */
export interface DeriveInput {
  /** Compute it again even where neither inputs nor code changed. */
  readonly force?: boolean;
  /** Tell nobody who reads it: who asked for this run sees to those itself. */
  readonly announce?: false;
  /** Gives way to live runs: its steps wait in a queue of their own. */
  readonly backfill?: true;
}

/** What a finished run made of a derived partition, or found made. */
export interface DeriveResult {
  /** `incomplete`: not all inputs are there, and the asset is to be computed from all of them only. */
  readonly outcome: 'made' | 'unchanged' | 'incomplete';
  /** How many of its input partitions were there. */
  readonly inputs: number;
  readonly expected: number;
  readonly rows: number;
  /** Checks that warn of what was made; left out where there are none. */
  readonly failedChecks?: readonly FailedCheck[];
}
