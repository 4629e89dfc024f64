import type { Window } from '../model/window.ts';
import type { CheckVerdict } from '../record/check-function.ts';
import { assertCheckName, makeCheck } from './check.ts';
import type { Check } from './check.ts';
import { DefinitionError } from './definition-error.ts';
import { readVersion } from './derived-function.ts';

/** What the function of a check is given, with rows as their table has them. */
export interface CheckInput<Row> {
  /** The new rows, ordered by key, each once. They come as they are asked for, never all at once. */
  readonly rows: AsyncIterable<Row>;
  /** The partition's window; undefined where the asset is one whole. */
  readonly window: Window | undefined;
  /** Aborted when the run is cancelled or the check's time is over. */
  readonly signal: AbortSignal;
}

export interface FunctionCheckOptions<Row> {
  /** Raised whenever the function would judge otherwise: its text is not compared. A whole number from 1 on. */
  readonly version: number;
  /** Says whether the rows pass. One that throws, or is not done in time, has failed. */
  readonly check: (input: CheckInput<Row>) => CheckVerdict | Promise<CheckVerdict>;
}

/** A check by a function in the worker. */
export function functionCheck<Row>(name: string, { version, check }: FunctionCheckOptions<Row>): Check<Row> {
  return makeCheck({
    name,
    rule: (where) => {
      assertCheckName(where, name);
      if (typeof check !== 'function') {
        throw new DefinitionError(where, `check "${name}" has no function. Write it as async check({ rows }) { … }.`);
      }
      return { kind: 'function', version: readVersion(`${where}, check "${name}"`, version) };
    },
    run: ({ rows, window, signal }) => check({ rows: rows as AsyncIterable<Row>, window, signal }),
  });
}
