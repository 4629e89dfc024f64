import type { Window } from '../model/window.ts';
import type { InputRow } from './derived-function.ts';

/** What the function of a check is given. */
export interface CheckCall {
  /** The partition's window; undefined where the asset has no partitions. */
  readonly window: Window | undefined;
  /** The new rows, ordered by key. They come as they are asked for, never all at once. */
  readonly rows: AsyncIterable<InputRow>;
  /** Aborted when nobody waits for the verdict any more. */
  readonly signal: AbortSignal;
}

/** What a function says of the rows. */
export interface CheckVerdict {
  readonly passed: boolean;
  /** What it measured. */
  readonly value?: number;
  /** What it found, for a person. */
  readonly detail?: string;
}

/** The function of a check as the worker needs it. */
export type CheckFunction = (call: CheckCall) => CheckVerdict | Promise<CheckVerdict>;

/** The functions of a table's checks, by the name of the check. */
export type CheckFunctions = Readonly<Record<string, CheckFunction>>;
