import type { Command } from '../command.ts';
import { UsageError } from '../errors.ts';
import { formatTable } from '../format-table.ts';
import { openMachine } from '../open-machine.ts';

export interface QueryOptions {
  readonly sql: string;
}

const MAX_ROWS = 1_000;

/** Reads the warehouse with one statement, in a transaction that cannot write. */
export const query: Command<QueryOptions> = async (context, { sql }) => {
  if (sql.trim() === '')
    throw new UsageError('Write a statement: hourloom query "select count(*) from door2door.vehicle_location"');
  await using machine = await openMachine(context);
  const { queryReadOnly } = await import('../../warehouse/query-read-only.ts');
  await using warehouse = await machine.openWarehouse();
  const { columns, rows, truncated } = await queryReadOnly(warehouse, sql, { maxRows: MAX_ROWS });
  if (truncated) context.output.note(`Only the first ${MAX_ROWS} rows are shown. Add a limit or a condition.`);
  const cells = rows.map((row) => columns.map((column) => writeCell(row[column])));
  context.output.result({ columns, rows, truncated }, formatTable([columns, ...cells]));
};

function writeCell(value: unknown): string | number | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'number' || typeof value === 'string') return value;
  if (value instanceof Date) return value.toISOString();
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
