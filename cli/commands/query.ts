import type { Command, CommandContext } from '../command.ts';
import { UsageError } from '../errors.ts';
import { formatTable } from '../format-table.ts';
import { openMachine } from '../open-machine.ts';
import type { QueryResult } from '../../warehouse/query-read-only.ts';
import type { RangeOptions } from '../read-range.ts';

export interface QueryOptions extends RangeOptions {
  readonly sql: string;
  readonly lake?: boolean;
}

const MAX_ROWS = 1_000;

/** Reads the warehouse, or the Parquet of the lake, with one statement that cannot write. */
export const query: Command<QueryOptions> = async (context, { sql, lake = false, ...range }) => {
  if (sql.trim() === '')
    throw new UsageError('Write a statement: hourloom query "select count(*) from door2door.vehicle_location"');
  if (!lake && (range.from ?? range.to) !== undefined)
    throw new UsageError(
      '--from and --to choose files of the lake: write --lake too, or a condition in the statement.',
    );
  const { columns, rows, truncated } = await (lake ? askLake(context, sql, range) : askWarehouse(context, sql));
  if (truncated) context.output.note(`Only the first ${MAX_ROWS} rows are shown. Add a limit or a condition.`);
  const cells = rows.map((row) => columns.map((column) => row[column] ?? null)).map((row) => row.map(writeCell));
  context.output.result({ columns, rows, truncated }, formatTable([columns, ...cells]));
};

async function askLake(context: CommandContext, text: string, range: RangeOptions): Promise<QueryResult> {
  const { queryLake } = await import('../query-lake.ts');
  return queryLake(context, { text, range, maxRows: MAX_ROWS });
}

async function askWarehouse(context: CommandContext, sql: string): Promise<QueryResult> {
  await using machine = openMachine(context);
  const { queryReadOnly, NotReadOnlyError } = await import('../../warehouse/query-read-only.ts');
  await using warehouse = await machine.openReadingWarehouse();
  return await queryReadOnly(warehouse, sql, { maxRows: MAX_ROWS }).catch((error: unknown) => {
    throw error instanceof NotReadOnlyError ? new UsageError(error.message, { cause: error }) : explainStatement(error);
  });
}

/** Postgres' classes of what a statement itself can do wrong: its syntax and names, its values, a wish to write. */
const STATEMENT_AT_FAULT = /^(?:42|22|21|0A|25)/u;
const READ_ONLY_TRANSACTION = '25006';
const CANCELED = '57014';

/** An error that lies in the statement as a `UsageError` with Postgres' own words; any other as it is. */
function explainStatement(error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return error;
  if (error.code === CANCELED) {
    return new UsageError('The statement took longer than 30 seconds and was ended. Add a condition or a limit.', {
      cause: error,
    });
  }
  if (error.code === READ_ONLY_TRANSACTION) {
    return new UsageError('The statement would write, and query only reads. Write with: hourloom shell', {
      cause: error,
    });
  }
  if (!STATEMENT_AT_FAULT.test(error.code)) return error;
  const hint = 'hint' in error && typeof error.hint === 'string' ? ` ${error.hint}` : '';
  return new UsageError(`Postgres refused the statement: ${error.message}.${hint}`, { cause: error });
}

/** Control characters are spelled out: what stands in the data must not drive the terminal. */
function writeCell(value: string | number | boolean | null): string | number | null {
  if (typeof value === 'boolean') return String(value);
  return typeof value === 'string'
    ? value.replace(/\p{Cc}/gu, (character) => JSON.stringify(character).slice(1, -1))
    : value;
}
