import type { CheckSqlPart } from '../model/check-spec.ts';
import { MAX_IDENTIFIER_BYTES } from '../model/asset-key.ts';
import type { Window } from '../model/window.ts';
import type { CheckVerdict } from '../record/check-function.ts';
import { makeCheck } from './check.ts';
import type { Check, CheckSubject } from './check.ts';
import { DefinitionError } from './definition-error.ts';
import { readVersion } from './derived-function.ts';
import { isRowsPart, isWindowPart, readParts } from './sql.ts';
import type { Statement } from './sql.ts';
import { findNamedTable } from './table-handle.ts';

/**
 * A check in SQL. Its statement gives the rows that offend, and it passes where there are none; or it gives their number,
 * in one row with the one column `count`. `${rows}` stands for the new rows of the partition, `${window}` for its window.
 *
 *     sqlCheck('north_of_the_equator', sql`select vehicle_id from ${rows} where vehicle_latitude < 0`)
 */
export function sqlCheck(name: string, statement: Statement): Check<unknown> {
  return makeCheck({
    name,
    rule: (where, subject) => {
      assertName(where, name);
      return { kind: 'sql', statement: readCheckStatement(`${where}, check "${name}"`, statement, subject) };
    },
  });
}

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
      assertName(where, name);
      if (typeof check !== 'function') {
        throw new DefinitionError(where, `check "${name}" has no function. Write it as async check({ rows }) { … }.`);
      }
      return { kind: 'function', version: readVersion(`${where}, check "${name}"`, version) };
    },
    run: ({ rows, window, signal }) => check({ rows: rows as AsyncIterable<Row>, window, signal }),
  });
}

function assertName(where: string, name: string): void {
  if (/^[a-z][a-z0-9_]*$/u.test(name) && name.length <= MAX_IDENTIFIER_BYTES) return;
  throw new DefinitionError(
    where,
    `"${name}" is no name of a check. Use lower case letters, digits and _, at most ${MAX_IDENTIFIER_BYTES}.`,
  );
}

/** What else it read could change without its input or its code: two runs of the same would judge differently. */
function readCheckStatement(
  where: string,
  statement: Statement,
  { window, madeOf }: CheckSubject,
): readonly CheckSqlPart[] {
  const parts = readParts<CheckSqlPart>(where, statement, (value) => {
    if (isRowsPart(value)) return { kind: 'rows' };
    if (isWindowPart(value)) {
      if (window) return { kind: 'window' };
      throw new DefinitionError(where, 'the statement asks for ${window}, but there is none.');
    }
    const table = findNamedTable(value);
    if (table && madeOf.kind === 'reads' && madeOf.reads.includes(table.asset)) {
      return { kind: 'table', schema: table.schema, name: table.name };
    }
    throw new DefinitionError(
      where,
      table
        ? `the statement reads "${table.asset}", of which these rows are not made: its verdict could change by itself. Read \${rows} alone.`
        : 'the statement holds something else than ${rows} or ${window}.',
    );
  });
  if (parts.some(({ kind }) => kind === 'rows')) return parts;
  throw new DefinitionError(where, 'the statement does not read what it checks. Put it in: from ${rows}.');
}
