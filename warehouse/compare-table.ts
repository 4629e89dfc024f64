import type { ColumnSpec } from '../model/column.ts';
import type { TableSpec } from '../model/pipeline-spec.ts';
import { isShown, rowsTable } from '../model/rule-set.ts';
import {
  addColumnStatement,
  createPublicView,
  createTableStatements,
  dropNotNullStatement,
  listOutdatedSetIndexes,
  listSetIndexes,
} from '../record/ddl.ts';
import type { Queryable } from './open-warehouse.ts';
import { catalogueName, readColumns } from './read-columns.ts';
import type { Column } from './read-columns.ts';

/**
 * One way in which a table in the database is not what its definition says.
 *
 * - `create`: it is not there.
 * - `add`, `loosen`: a column is added, or may be null from now on. Neither touches a row, and readers wait for a moment only.
 * - `keep`: nothing is to be done; the difference stays and is known.
 * - `refuse`: rows that are there would have to become others: that is a new table, filled from the lake.
 */
export interface TableDifference {
  readonly kind: 'create' | 'add' | 'loosen' | 'keep' | 'refuse';
  /** What differs, in words: `column speed is new`. */
  readonly what: string;
  /** What brings the table there; each is safe to repeat. Empty where nothing does. */
  readonly statements: readonly string[];
}

/** Of one table; empty where the two are alike. */
export interface ComparedTable {
  readonly table: TableSpec;
  readonly differences: readonly TableDifference[];
}

/**
 * Compares a definition with the database. About nulls the database may be looser than the definition, never about types
 * and keys: rows of before may lack what rows of now have, and are stale for it, but none is of another type.
 */
export async function compareTable(sql: Queryable, table: TableSpec): Promise<ComparedTable> {
  const { schema, set } = table;
  const [columns, shown] = [
    await readColumns(sql, { schema, name: rowsTable(table) }),
    set ? await readColumns(sql, table) : [],
  ];
  if (columns.length === 0 && shown.length > 0) return { table, differences: [refusal(IS_NO_VIEW)] };
  if (columns.length === 0) {
    return { table, differences: [{ kind: 'create', what: 'is new', statements: createTableStatements(table) }] };
  }
  const found = new Map(columns.map((column) => [column.name, column]));
  const declared = new Set(['load_id', ...table.columns.map(({ name }) => name)]);
  const differences = [
    ...compareLoadId(found.get('load_id')),
    ...table.columns.flatMap((column) => compareColumn(table, column, found.get(column.name))),
    ...columns.filter(({ name }) => !declared.has(name)).map((column) => compareGone(table, column)),
    ...compareShown(table, shown),
    ...(await compareIndexes(sql, table)),
  ];
  return { table, differences };
}

const IS_NO_VIEW = 'it is a table without rules over all hours, declared with such';

/** New columns come behind those that the public view has: their order there cannot change. */
function compareShown(table: TableSpec, shown: readonly Column[]): readonly TableDifference[] {
  const names = new Set(shown.map(({ name }) => name));
  if (!table.set || table.columns.filter(isShown).every(({ name }) => names.has(name))) return [];
  const statements = [createPublicView(table, table.set, [...names])];
  return [{ kind: 'add', what: 'its view lacks a column', statements }];
}

/** What is there is not asked for, nor what is gone dropped: either would wait for loads. */
async function compareIndexes(sql: Queryable, table: TableSpec): Promise<readonly TableDifference[]> {
  if (!table.set) return [];
  const rows = await sql<{ name: string }[]>`
    select indexname as name
    from pg_indexes
    where schemaname = ${table.schema}
      and tablename = ${rowsTable(table)}
  `;
  const there = new Set(rows.map(({ name }) => name));
  const missing = listSetIndexes(table).filter(({ name }) => !there.has(name));
  const outdated = listOutdatedSetIndexes(table).filter(({ name }) => there.has(name));
  return [
    ...missing.map(({ name, statement }) => indexDifference(`index ${name} is new`, statement)),
    ...outdated.map(({ name, statement }) => indexDifference(`index ${name} is not needed any more`, statement)),
  ];
}

function indexDifference(what: string, statement: string): TableDifference {
  return { kind: 'add', what, statements: [statement] };
}

/** What takes it away is not for a worker to decide; without it no row knows its load. */
function compareLoadId(found: Column | undefined): readonly TableDifference[] {
  if (found?.type === 'bigint' && found.keyPosition === 1) return [];
  return [refusal('it was not made by Hourloom: it has no column load_id at the head of its key')];
}

function compareColumn(table: TableSpec, column: ColumnSpec, found: Column | undefined): readonly TableDifference[] {
  const { name, nullable } = column;
  const place = table.key.indexOf(name);
  const declared: Column = {
    ...{ name, nullable, type: catalogueName(column.type) },
    keyPosition: place < 0 ? 0 : place + 2,
  };
  if (!found) {
    if (place >= 0) return [refusal(`column ${name} is new and part of the key`)];
    const rest = nullable ? '' : '; null in the rows of before, until they are made again';
    return [{ kind: 'add', what: `column ${name} is new${rest}`, statements: [addColumnStatement(table, column)] }];
  }
  if (declared.type !== found.type || declared.keyPosition !== found.keyPosition) {
    return [refusal(`column ${name} is ${describe(found)}, declared as ${describe(declared)}`)];
  }
  if (nullable && !found.nullable) {
    return [
      { kind: 'loosen', what: `column ${name} may be null now`, statements: [dropNotNullStatement(table, name)] },
    ];
  }
  if (!nullable && found.nullable) {
    return [{ kind: 'keep', what: `column ${name} may be null in the rows of before`, statements: [] }];
  }
  return [];
}

/** A column that is not declared any more stays, with the values that it has, and is null in every row to come. */
function compareGone(table: TableSpec, { name, nullable, keyPosition }: Column): TableDifference {
  if (keyPosition > 0) return refusal(`it has a column ${name} in its key that is not declared`);
  const what = `column ${name} is not declared any more: it stays, and is not written`;
  if (nullable) return { kind: 'keep', what, statements: [] };
  return { kind: 'loosen', what, statements: [dropNotNullStatement(table, name)] };
}

function refusal(what: string): TableDifference {
  return { kind: 'refuse', what, statements: [] };
}

function describe({ type, nullable, keyPosition }: Column): string {
  return `${type} ${nullable ? 'null' : 'not null'}${keyPosition > 0 ? ` (key ${keyPosition})` : ''}`;
}
