import type { CheckSqlPart } from '../model/check-spec.ts';
import type { TableSpec } from '../model/pipeline-spec.ts';
import { isShown } from '../model/rule-set.ts';
import type { Window } from '../model/window.ts';
import { quoteIdentifier } from './identifier.ts';
import { renderStatement } from './render-statement.ts';

/** The rows that a check's statement is about. */
export interface CheckedRows {
  readonly table: Pick<TableSpec, 'schema' | 'name' | 'columns'>;
  /** A whole number, which stands in the statement as a constant. */
  readonly loadId: number;
  /** Undefined where the asset has no partitions. */
  readonly window: Window | undefined;
}

const ROWS = '"rows"';

/**
 * A check's statement over the rows of one load, as the subquery `offending` of a statement that begins with `select`.
 * Its `rows` are a name for them, so that it may be put anywhere a table may, as often as need be.
 */
export function renderCheck(select: string, parts: readonly CheckSqlPart[], rows: CheckedRows): string {
  const { table, loadId, window } = rows;
  const columns = table.columns
    .filter(isShown)
    .map(({ name }) => quoteIdentifier(name))
    .join(', ');
  const written = parts.map((part) => (part.kind === 'rows' ? ({ kind: 'text', text: ROWS } as const) : part));
  return [
    `with ${ROWS} as not materialized (`,
    `select ${columns} from ${quoteIdentifier(table.schema)}.${quoteIdentifier(table.name)} where load_id = ${loadId}`,
    `) ${select} from (\n${renderStatement(written, window).statement}) as offending`,
  ].join('\n');
}
