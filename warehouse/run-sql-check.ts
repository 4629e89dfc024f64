import type { CheckSqlPart } from '../model/check-spec.ts';
import type { CheckResult } from '../model/check-result.ts';
import { renderCheck } from '../record/render-check.ts';
import { ONE_STATEMENT } from './fill-table.ts';
import type { Transaction } from './open-warehouse.ts';
import type { RowsToCheck } from './run-checks.ts';

/** Each row that offends, and how many there are. */
export const SELECT_OFFENDING = 'select to_jsonb(offending) as example, count(*) over () as found';

const MAX_EXAMPLES = 3;
const MAX_EXAMPLE_LENGTH = 300;

/** How many rows a check's statement gives, and the first few. */
export async function runSqlCheck(
  tx: Transaction,
  rows: RowsToCheck,
  statement: readonly CheckSqlPart[],
): Promise<Pick<CheckResult, 'passed' | 'value' | 'detail' | 'examples'>> {
  const found = await tx.unsafe<{ example: Readonly<Record<string, unknown>>; found: number }[]>(
    `${renderCheck(SELECT_OFFENDING, statement, rows)} limit ${MAX_EXAMPLES}`,
    [],
    ONE_STATEMENT,
  );
  const counted = found.length === 1 ? readCount(found[0]?.example) : undefined;
  const count = counted ?? found[0]?.found ?? 0;
  const examples = found.map(({ example }) => JSON.stringify(example).slice(0, MAX_EXAMPLE_LENGTH)).join(', ');
  return {
    passed: count === 0,
    value: count,
    detail: count === 1 ? '1 row offends' : `${count} rows offend`,
    ...(counted !== undefined || examples === '' ? {} : { examples }),
  };
}

/** A statement may count by itself: one row with nothing but a `count`. */
function readCount(row: Readonly<Record<string, unknown>> | undefined): number | undefined {
  const [[name, value] = [], ...more] = Object.entries(row ?? {});
  return name === 'count' && more.length === 0 && typeof value === 'number' ? value : undefined;
}
