import type { ColumnType } from '../model/column.ts';
import type { TableSpec } from '../model/pipeline-spec.ts';
import type { Queryable } from './open-warehouse.ts';

/** A column as the catalogue has it. */
export interface Column {
  readonly name: string;
  readonly type: string;
  readonly nullable: boolean;
  /** Its place in the primary key, from 1 on; 0 where it is none of it. */
  readonly keyPosition: number;
}

/** What the catalogue calls a type of column; one of them it spells out. */
export function catalogueName(type: ColumnType): string {
  return type === 'timestamptz' ? 'timestamp with time zone' : type;
}

/** The columns of a table or view, in their order; empty where there is none of this name. */
export async function readColumns(
  sql: Queryable,
  { schema, name }: Readonly<Pick<TableSpec, 'name'> & { schema: string }>,
): Promise<readonly Column[]> {
  return sql<Column[]>`
    select
      attribute.attname as name,
      format_type(attribute.atttypid, attribute.atttypmod) as type,
      not attribute.attnotnull as nullable,
      coalesce(array_position(key.conkey, attribute.attnum), 0) as "keyPosition"
    from pg_attribute as attribute
    join pg_class as class on class.oid = attribute.attrelid
    join pg_namespace as namespace on namespace.oid = class.relnamespace
    left join pg_constraint as key on key.conrelid = class.oid and key.contype = 'p'
    where namespace.nspname = ${schema}
      and class.relname = ${name}
      and attribute.attnum > 0
      and not attribute.attisdropped
    order by attribute.attnum
  `;
}
