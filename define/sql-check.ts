import type { CheckSqlPart } from '../model/check-spec.ts';
import { assertCheckName, makeCheck } from './check.ts';
import type { Check, CheckSubject } from './check.ts';
import { DefinitionError } from './definition-error.ts';
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
      assertCheckName(where, name);
      return { kind: 'sql', statement: readCheckStatement(`${where}, check "${name}"`, statement, subject) };
    },
  });
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
