import type { ColumnSpec } from '../model/column.ts';
import type { TableSpec } from '../model/pipeline-spec.ts';
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
  const name = `${quoteIdentifier(table.schema)}.${quoteIdentifier(table.name)}`;
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
  return statements;
}

function declareColumn({ name, type, nullable }: ColumnSpec): string {
  return `${quoteIdentifier(name)} ${columnTypeFacts(type).ddl}${nullable ? '' : ' not null'}`;
}
