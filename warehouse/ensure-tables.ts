import type { TableSpec } from '../model/pipeline-spec.ts';
import { rowsTable } from '../model/rule-set.ts';
import { TerminalError } from '../model/terminal-error.ts';
import { createTableStatements, listSetIndexes } from '../record/ddl.ts';
import type { Transaction, Warehouse } from './open-warehouse.ts';
import { reachWarehouse } from './reach-warehouse.ts';
import { catalogueName, readColumns } from './read-columns.ts';
import type { Column } from './read-columns.ts';
import { transact } from './transact.ts';

/** A table of this name exists, but it is not the one that was declared. It is never changed by itself. */
export class TableDiffersError extends TerminalError {
  readonly table: string;
  readonly differences: readonly string[];

  constructor(table: string, differences: readonly string[]) {
    super(
      `Table ${table} is not as its definition says: ${differences.join('; ')}. ` +
        'Restore the definition, or give the table another name and fill that one from the lake.',
    );
    this.name = 'TableDiffersError';
    this.table = table;
    this.differences = differences;
  }
}

/** Somebody else's lock on a table must not stop a worker from starting for long. */
const LOCK_TIMEOUT_MS = 5_000;

/**
 * Creates the tables that do not exist yet, and throws a `TableDiffersError` where one exists in another shape; then
 * none was created. Safe to run from many workers at once.
 */
export async function ensureTables(warehouse: Warehouse, tables: readonly TableSpec[]): Promise<void> {
  await reachWarehouse(warehouse, (sql) =>
    transact(sql, async (tx) => {
      await tx`select set_config('lock_timeout', ${String(LOCK_TIMEOUT_MS)}, true)`;
      await tx`select pg_advisory_xact_lock(hashtextextended('hourloom.ensure_tables', 0))`;
      for (const table of tables) await ensureTable(tx, table);
    }),
  );
}

async function ensureTable(tx: Transaction, table: TableSpec): Promise<void> {
  const { schema } = table;
  await assertKindsFit(tx, table);
  const columns = await readColumns(tx, { schema, name: rowsTable(table) });
  if (columns.length === 0) {
    for (const statement of createTableStatements(table)) await tx.unsafe(statement);
    return;
  }
  const differences = findDifferences(declaredColumns(table), columns);
  if (differences.length > 0) throw new TableDiffersError(`${schema}.${rowsTable(table)}`, differences);
  await ensureSetIndexes(tx, table);
}

/** A table that rules over the set hold for is a view, and all others are none. */
async function assertKindsFit(tx: Transaction, { schema, name, set }: TableSpec): Promise<void> {
  const [found] = await tx<{ is_view: boolean }[]>`
    select class.relkind = 'v' as is_view
    from pg_class as class
    join pg_namespace as namespace on namespace.oid = class.relnamespace
    where namespace.nspname = ${schema}
      and class.relname = ${name}
  `;
  if (!found || found.is_view === (set !== undefined)) return;
  const is = (view: boolean) => (view ? 'a view, for rules over all hours' : 'a table, without rules over all hours');
  throw new TableDiffersError(`${schema}.${name}`, [`it is ${is(found.is_view)}, declared as ${is(!found.is_view)}`]);
}

/** A reference that is declared later needs its index. One that is there is left alone: to ask for it would wait for loads. */
async function ensureSetIndexes(tx: Transaction, table: TableSpec): Promise<void> {
  const indexes = listSetIndexes(table);
  if (indexes.length === 0) return;
  const rows = await tx<{ name: string }[]>`
    select indexname as name
    from pg_indexes
    where schemaname = ${table.schema}
      and tablename = ${rowsTable(table)}
  `;
  const there = new Set(rows.map(({ name }) => name));
  for (const { name, statement } of indexes) if (!there.has(name)) await tx.unsafe(statement);
}

function declaredColumns({ columns, key }: TableSpec): readonly Column[] {
  const loadId: Column = { name: 'load_id', type: 'bigint', nullable: false, keyPosition: 1 };
  const declared = columns.map(({ name, type, nullable }): Column => {
    const place = key.indexOf(name);
    return { name, type: catalogueName(type), nullable, keyPosition: place < 0 ? 0 : place + 2 };
  });
  return [loadId, ...declared];
}

function findDifferences(declared: readonly Column[], existing: readonly Column[]): readonly string[] {
  const found = new Map(existing.map((column) => [column.name, column]));
  const names = new Set(declared.map(({ name }) => name));
  const unwanted = existing
    .filter(({ name }) => !names.has(name))
    .map(({ name }) => `it has a column ${name} that is not declared`);
  const differing = declared.flatMap((column) => {
    const other = found.get(column.name);
    if (!other) return [`it lacks the column ${column.name}`];
    if (describe(column) !== describe(other))
      return [`column ${column.name} is ${describe(other)}, declared as ${describe(column)}`];
    return [];
  });
  return [...differing, ...unwanted];
}

function describe({ type, nullable, keyPosition }: Column): string {
  return `${type} ${nullable ? 'null' : 'not null'}${keyPosition > 0 ? ` (key ${keyPosition})` : ''}`;
}
