import { NEW_FIELDS } from '../model/check-spec.ts';
import type { CheckSpec } from '../model/check-spec.ts';
import type { ColumnSpec } from '../model/column.ts';
import type { CheckFunction, CheckFunctions } from '../record/check-function.ts';
import { findCheck } from './check.ts';
import type { Check, CheckSubject } from './check.ts';
import { makeCheckedColumns } from './checked-columns.ts';
import { DefinitionError } from './definition-error.ts';

/** The checks of a table: their data, and the functions of those that have one. */
export interface ReadChecks {
  /** Nothing where there are none, so that a table without checks is as it was before there were any. */
  readonly checks: { readonly checks?: readonly CheckSpec[] };
  readonly functions: CheckFunctions;
}

/** As much as is kept of it. */
const MAX_NAME_LENGTH = 500;

/** A table's checks as they were written: a function of its columns. */
export type WrittenChecks = (columns: never) => readonly Check[];

/** Holds each check against its table. `where` is said in errors. */
export function readChecks(
  where: string,
  written: WrittenChecks | undefined,
  { columns, ...subject }: CheckSubject & { readonly columns: readonly ColumnSpec[] },
): ReadChecks {
  const given = written?.(makeCheckedColumns(where, columns) as never) ?? [];
  const checks: CheckSpec[] = [];
  const functions: [string, CheckFunction][] = [];
  for (const check of given) {
    const parts = findCheck(check);
    if (!parts) {
      throw new DefinitionError(
        where,
        'its `checks` hold something else. Make them with rowCount(…), sqlCheck(…) or the like.',
      );
    }
    const { name, blocking, rule, run } = parts;
    if (name.length > MAX_NAME_LENGTH) {
      throw new DefinitionError(
        where,
        `check "${name.slice(0, 50)}…" names too many columns. Write it as sqlCheck(…).`,
      );
    }
    if (name === NEW_FIELDS || checks.some((other) => other.name === name)) {
      throw new DefinitionError(where, `has two checks called "${name}". Leave one out, or rename it.`);
    }
    checks.push({ name, blocking, rule: rule(where, subject) });
    if (run) functions.push([name, run]);
  }
  return { checks: checks.length === 0 ? {} : { checks }, functions: Object.fromEntries(functions) };
}
