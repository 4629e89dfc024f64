import type { ColumnSpec } from '../model/column.ts';
import type { SetRules, TableSpec } from '../model/pipeline-spec.ts';
import { isShown, rowsTable } from '../model/rule-set.ts';
import { columnTypeFacts } from './column-type.ts';
import { deriveIdentifier, quoteIdentifier } from './identifier.ts';

/**
 * Which load a row belongs to. The value comes from the publishing transaction's setting, so that staged rows need not
 * hold it and the same rows are the same bytes in every load.
 */
const LOAD_ID = "load_id bigint not null default current_setting('hourloom.load_id')::bigint";

/**
 * The statements that make a table, in order; each is safe to repeat. Load ids rise, so the primary key grows at its
 * right edge and the rows of one load are one range of it. Rows come in about the order of their time, for which a BRIN
 * index on the first time column that is always there costs next to nothing.
 */
export function createTableStatements(table: TableSpec): string[] {
  const name = qualify(table.schema, rowsTable(table));
  const key = ['load_id', ...table.key.map(quoteIdentifier)].join(', ');
  const lines = [
    LOAD_ID,
    ...table.columns.map(declareColumn),
    `constraint ${quoteIdentifier(deriveIdentifier(table.name, 'key_per_load'))} primary key (${key})`,
  ];
  const statements = [
    `create schema if not exists ${quoteIdentifier(table.schema)}`,
    `create table if not exists ${name} (\n  ${lines.join(',\n  ')}\n)`,
  ];
  const time = table.columns.find(({ type, nullable }) => type === 'timestamptz' && !nullable);
  if (time) {
    const index = quoteIdentifier(deriveIdentifier(table.name, 'time'));
    statements.push(`create index if not exists ${index} on ${name} using brin (${quoteIdentifier(time.name)})`);
  }
  const indexes = listSetIndexes(table).map(({ statement }) => statement);
  return [...statements, ...indexes, ...(table.set ? [createPublicView(table, table.set)] : [])];
}

/** An index by which rules over the set find rows. */
export interface SetIndex {
  readonly name: string;
  readonly statement: string;
}

/**
 * By id, where rows of one id are looked for over all loads. A hash index: ids of sales come in no order, for which it
 * costs a third of what a b-tree of texts does. References need none: see `sql/0016_reference.sql`.
 */
export function listSetIndexes(table: TableSpec): readonly SetIndex[] {
  const { set, parent, schema, name: tableName } = table;
  if (!set || parent) return [];
  const name = deriveIdentifier(tableName, `hash_of_${set.id}`.slice(0, MAX_SUFFIX));
  const on = `${qualify(schema, rowsTable(table))} using hash (${quoteIdentifier(set.id)})`;
  return [{ name, statement: `create index if not exists ${quoteIdentifier(name)} on ${on}` }];
}

/** Indexes of earlier versions, of which no table has need any more; each is dropped where it is found. */
export function listOutdatedSetIndexes({ name: table, schema, set, parent, columns }: TableSpec): readonly SetIndex[] {
  if (!set) return [];
  const referring = columns.filter(({ references }) => references !== undefined).map(({ name }) => name);
  return [...(parent ? [] : [set.id]), ...referring].map((column) => {
    const name = deriveIdentifier(table, `by_${column}`.slice(0, MAX_SUFFIX));
    return { name, statement: `drop index if exists ${qualify(schema, name)}` };
  });
}

const MAX_SUFFIX = 40;

/**
 * The statement that makes, or makes again, what users read: the rows of all records that break no rule over the set.
 * `shown` are the columns that the view has already, in their order.
 */
export function createPublicView(
  table: TableSpec,
  { asset, id }: SetRules,
  shown: readonly string[] = ['load_id'],
): string {
  const declared = table.columns.filter(isShown).map(({ name }) => name);
  const columns = [...new Set([...shown, ...declared])].map(quoteIdentifier);
  return [
    `create or replace view ${qualify(table.schema, table.name)} as`,
    `select ${columns.map((column) => `each.${column}`).join(', ')}`,
    `from ${qualify(table.schema, rowsTable(table))} as each`,
    'where not exists (',
    '  select from hourloom.ruling',
    `  where ruling.asset = '${asset}'`,
    '    and ruling.load_id = each.load_id',
    `    and ruling.id = each.${quoteIdentifier(id)}::text`,
    ')',
  ].join('\n');
}

function qualify(schema: string, name: string): string {
  return `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`;
}

function declareColumn({ name, type, nullable }: ColumnSpec): string {
  return `${quoteIdentifier(name)} ${columnTypeFacts(type).ddl}${nullable ? '' : ' not null'}`;
}

/**
 * Adds a column to a table that has rows; safe to repeat. It may be null there whatever its definition says, because the
 * rows of before have no value for it.
 */
export function addColumnStatement(table: TableSpec, column: ColumnSpec): string {
  return `${alterTable(table)} add column if not exists ${declareColumn({ ...column, nullable: true })}`;
}

/** Lets a column be null; safe to repeat. */
export function dropNotNullStatement(table: TableSpec, column: string): string {
  return `${alterTable(table)} alter column ${quoteIdentifier(column)} drop not null`;
}

function alterTable(table: TableSpec): string {
  return `alter table ${qualify(table.schema, rowsTable(table))}`;
}
