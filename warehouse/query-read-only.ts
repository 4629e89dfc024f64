import { TerminalError } from '../model/terminal-error.ts';
import type { Transaction, Warehouse } from './open-warehouse.ts';
import { reachWarehouse } from './reach-warehouse.ts';
import { transact } from './transact.ts';

/** A value as a person or a program reads it; what JSON cannot hold exactly is the text that Postgres prints. */
export type QueryValue = string | number | boolean | null;

export interface QueryResult {
  /** In the statement's order. */
  readonly columns: readonly string[];
  readonly rows: readonly Readonly<Record<string, QueryValue>>[];
  /** There were more rows than were asked for. */
  readonly truncated: boolean;
}

export interface QueryOptions {
  readonly maxRows: number;
  readonly timeoutMs?: number;
}

/** The statement is not one that reads. */
export class NotReadOnlyError extends TerminalError {
  constructor() {
    super('Only one statement that reads can be asked: begin it with select, with, values, table, show or explain.');
    this.name = 'NotReadOnlyError';
  }
}

const DEFAULT_TIMEOUT_MS = 30_000;
const READS = /^(?:\s|\(|--[^\n]*(?:\n|$)|\/\*(?:[^*]|\*(?!\/))*\*\/)*(?:select|with|values|table|show|explain)\b/iu;

/**
 * Runs one reading statement of a person's, in a transaction that cannot write and leaves no setting behind.
 * At most `maxRows` rows are fetched, whatever the statement would give. Errors in the statement are Postgres' own.
 */
export async function queryReadOnly(
  warehouse: Warehouse,
  text: string,
  { maxRows, timeoutMs = DEFAULT_TIMEOUT_MS }: QueryOptions,
): Promise<QueryResult> {
  if (!READS.test(text)) throw new NotReadOnlyError();
  return reachWarehouse(warehouse, (sql) =>
    transact(sql, async (tx) => {
      await tx`set transaction read only`;
      await tx`select set_config('statement_timeout', ${String(timeoutMs)}, true)`;
      await putPowersOff(tx);
      await tx`savepoint before_query`;
      const { columns, rows } = await fetchFirst(tx, text, { rows: maxRows + 1, close: sql.CLOSE });
      await tx`rollback to savepoint before_query`;
      const names = distinctNames(columns);
      return {
        columns: names,
        rows: rows
          .slice(0, maxRows)
          .map((row) =>
            Object.fromEntries(row.map((bytes, index) => [names[index], readValue(bytes, columns[index]?.type)])),
          ),
        truncated: rows.length > maxRows,
      };
    }),
  );
}

/**
 * The owner of the warehouse may be able to do far more than read, and not all of it is writing: ending sessions, reading
 * the server's files. Who may put on Postgres' own role for reading everything does; for others their own rights hold.
 */
async function putPowersOff(tx: Transaction): Promise<void> {
  const [row] = await tx<[{ may: boolean }]>`
    select pg_has_role(
      'pg_read_all_data',
      case when current_setting('server_version_num')::integer >= 160000 then 'set' else 'member' end
    ) as may
  `;
  if (row.may) await tx`set local role pg_read_all_data`;
}

type RawRow = readonly (Buffer | null)[];

interface FirstRows {
  readonly columns: readonly { readonly name: string; readonly type: number }[];
  readonly rows: readonly RawRow[];
}

/** Through a cursor: the server stops after the first batch, and takes no second statement that might end the transaction. */
async function fetchFirst(
  tx: Transaction,
  text: string,
  until: { readonly rows: number; readonly close: unknown },
): Promise<FirstRows> {
  let first: Batch | undefined;
  const query = tx.unsafe(text).raw() as unknown as {
    cursor(rows: number, take: (batch: Batch) => unknown): Promise<Batch>;
  };
  const last = await query.cursor(until.rows, (batch) => {
    first = batch;
    return until.close;
  });
  // The library hands no batch over where the server does not count, as with show and explain, or counts none.
  const batch = first ?? last;
  return { columns: batch.columns, rows: [...batch] };
}

type Batch = readonly RawRow[] & Pick<FirstRows, 'columns'>;

/** `select a.id, b.id` gives two columns of one name: the second becomes `id_2`. */
function distinctNames(columns: FirstRows['columns']): readonly string[] {
  const seen = new Map<string, number>();
  return columns.map(({ name }) => {
    const nth = (seen.get(name) ?? 0) + 1;
    seen.set(name, nth);
    return nth === 1 ? name : `${name}_${nth}`;
  });
}

/** Types as Postgres numbers them. */
const BOOLEAN = 16;
const NUMBERS: ReadonlySet<number> = new Set([20, 21, 23, 700, 701]);

function readValue(bytes: Buffer | null, type: number | undefined): QueryValue {
  if (bytes === null) return null;
  const text = bytes.toString('utf8');
  if (type === BOOLEAN) return text === 't';
  if (type === undefined || !NUMBERS.has(type)) return text;
  const number = Number(text);
  return Number.isFinite(number) && (!Number.isInteger(number) || Number.isSafeInteger(number)) ? number : text;
}
