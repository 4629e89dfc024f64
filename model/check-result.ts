import type { AssetKey } from './asset-key.ts';

/** What a check said of one partition's load. */
export interface CheckResult {
  readonly asset: AssetKey;
  readonly name: string;
  readonly blocking: boolean;
  readonly passed: boolean;
  /** What was measured, in the check's own unit; null where there was nothing to measure, or it could not be. */
  readonly value: number | null;
  /** What was found and what was expected, for a person. Holds nothing of the rows themselves. */
  readonly detail: string;
  /** What the check chose to show of what it found. Kept with the rows, never in a message that outlives them. */
  readonly examples?: string;
}

/** A check that did not pass, as runs tell it. */
export type FailedCheck = Pick<CheckResult, 'asset' | 'name' | 'detail'>;
