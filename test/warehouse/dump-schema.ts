import type { Queryable } from '../../warehouse/open-warehouse.ts';

/**
 * A schema as SQL, from the catalogue alone: the same for the same schema, however it came about, on every machine.
 * It says what tables, sequences and indexes hold; it is to be read and compared, not to be run.
 */
export async function dumpSchema(sql: Queryable, schema: string): Promise<string> {
  const sequences = await sql<{ text: string }[]>`
    select
      format('create sequence %I.%I as %s minvalue %s maxvalue %s increment %s;',
        schemaname, sequencename, data_type, min_value, max_value, increment_by) as text
    from pg_sequences
    where schemaname = ${schema}
    order by sequencename
  `;
  const tables = await sql<{ text: string }[]>`
    select
      format(E'create table %I.%I (\n%s\n);', ${schema}::text, class.relname, string_agg(line.text, E',\n' order by line.place, line.name)) as text
    from pg_class as class
    cross join lateral (
      select
        format('  %I %s%s%s',
          attribute.attname,
          format_type(attribute.atttypid, attribute.atttypmod),
          case when attribute.attnotnull then ' not null' else '' end,
          case
            when attribute.attidentity = 'a' then ' generated always as identity'
            when attribute.attgenerated = 's'
              then format(' generated always as (%s) stored', pg_get_expr(fallback.adbin, fallback.adrelid))
            when fallback.adbin is not null then ' default ' || pg_get_expr(fallback.adbin, fallback.adrelid)
            else ''
          end
        ) as text,
        attribute.attnum as place,
        attribute.attname::text as name
      from pg_attribute as attribute
      left join pg_attrdef as fallback on fallback.adrelid = class.oid and fallback.adnum = attribute.attnum
      where attribute.attrelid = class.oid
        and attribute.attnum > 0
        and not attribute.attisdropped
      union all
      -- Not-null constraints stand with their columns; their names differ between versions of Postgres.
      select format('  constraint %I %s', conname, pg_get_constraintdef(oid)), 10000, conname::text
      from pg_constraint
      where conrelid = class.oid
        and contype <> 'n'
    ) as line
    where class.relnamespace = ${schema}::regnamespace
      and class.relkind = 'r'
    group by class.relname
    order by class.relname
  `;
  const indexes = await sql<{ text: string }[]>`
    select pg_get_indexdef(index.indexrelid) || ';' as text
    from pg_index as index
    join pg_class as class on class.oid = index.indexrelid
    where class.relnamespace = ${schema}::regnamespace
      and not exists (select from pg_constraint where conindid = index.indexrelid)
    order by class.relname
  `;
  const views = await sql<{ text: string }[]>`
    select format(E'create view %I.%I as\n%s', schemaname, viewname, definition) as text
    from pg_views
    where schemaname = ${schema}
    order by viewname
  `;
  return `${[...sequences, ...tables, ...indexes, ...views].map(({ text }) => text).join('\n\n')}\n`;
}
