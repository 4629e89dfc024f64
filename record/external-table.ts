import type { ColumnSpec } from '../model/column.ts';
import { hiveParts, parquetRoot } from '../model/hive-layout.ts';
import type { HivePart } from '../model/hive-layout.ts';
import type { TableSpec } from '../model/pipeline-spec.ts';
import type { WindowSpec } from '../model/window.ts';
import { columnTypeFacts } from './column-type.ts';
import { quoteAlways } from './identifier.ts';

/** Who reads the Parquet of the lake under which words: Athena and Glue, Redshift Spectrum, DuckDB. */
export type LakeDialect = 'athena' | 'redshift' | 'duckdb';

/** A table whose windows are Parquet in a bucket. */
export interface ExternalTable {
  readonly table: Pick<TableSpec, 'asset' | 'schema' | 'name' | 'columns'>;
  readonly window: WindowSpec;
  readonly bucket: string;
}

/** The statements that let a reader of the lake see the table, in order, each once. */
export function externalTableStatements(dialect: LakeDialect, table: ExternalTable): readonly string[] {
  switch (dialect) {
    case 'athena':
      return athenaStatements(table);
    case 'redshift':
      return redshiftStatements(table);
    case 'duckdb':
      return duckdbStatements(table);
  }
}

/** Values of each folder, and with how many digits they are written. */
const RANGES: Readonly<Record<Exclude<HivePart, 'year'>, readonly [range: string, digits: number]>> = {
  month: ['1,12', 2],
  day: ['1,31', 2],
  hour: ['0,23', 2],
  minute: ['0,59', 2],
  second: ['0,59', 2],
  millisecond: ['0,999', 3],
};

/** Folders are projected, so that no crawler and no `add partition` is needed: a new hour is there when it is put. */
function athenaStatements({ table, window, bucket }: ExternalTable): readonly string[] {
  const parts = hiveParts(window);
  const folder = locate(table, bucket);
  const quote = (name: string): string => `\`${name}\``;
  const projections = parts.flatMap((part) => {
    const [range, digits] = part === 'year' ? [`${new Date(window.first).getUTCFullYear()},2199`, 4] : RANGES[part];
    return [
      `'projection.${part}.type' = 'integer'`,
      `'projection.${part}.range' = '${range}'`,
      `'projection.${part}.digits' = '${digits}'`,
    ];
  });
  const template = parts.map((part) => `${part}=\${${part}}/`).join('');
  const properties = [
    "'projection.enabled' = 'true'",
    ...projections,
    `'storage.location.template' = '${folder}${template}'`,
  ];
  const named = `${quote(table.schema)}.${quote(table.name)}`;
  const columns = table.columns.map(({ name, type }) => `${quote(name)} ${columnTypeFacts(type).hive}`);
  return [
    `create database if not exists ${quote(table.schema)}`,
    [
      `create external table if not exists ${named} ${list(columns)}`,
      `partitioned by ${list(parts.map((part) => `${quote(part)} int`))}`,
      'stored as parquet',
      `location '${folder}'`,
      `tblproperties ${list(properties)}`,
    ].join('\n'),
  ];
}

/**
 * Spectrum projects nothing: a folder is seen when its partition was added. Of a table that Athena's statement made in
 * Glue it sees none either, so each reader has a table of its own, in an external schema of another name.
 */
function redshiftStatements({ table, window, bucket }: ExternalTable): readonly string[] {
  const parts = hiveParts(window);
  const folder = locate(table, bucket);
  const schema = quoteAlways(`${table.schema}_lake`);
  const named = `${schema}.${quoteAlways(table.name)}`;
  const start = new Date(window.first).toISOString().split(/\D/u);
  const first = parts.map((part, index) => ({ part, value: start[index]! }));
  const columns = table.columns.map(({ name, type }) => `${quoteAlways(name)} ${spectrumType(type)}`);
  return [
    `create external schema if not exists ${schema}\nfrom data catalog\ndatabase '${table.schema}_lake'\niam_role default\ncreate external database if not exists`,
    [
      `create external table ${named} ${list(columns)}`,
      `partitioned by ${list(parts.map((part) => `${quoteAlways(part)} int`))}`,
      'stored as parquet',
      `location '${folder}'`,
    ].join('\n'),
    // The first window; the next ones are added likewise.
    [
      `alter table ${named}`,
      `add if not exists partition (${first.map(({ part, value }) => `${quoteAlways(part)} = ${Number(value)}`).join(', ')})`,
      `location '${folder}${first.map(({ part, value }) => `${part}=${value}/`).join('')}'`,
    ].join('\n'),
  ];
}

function duckdbStatements({ table, window, bucket }: ExternalTable): readonly string[] {
  const types = hiveParts(window).map((part) => `'${part}': integer`);
  const files = `${locate(table, bucket)}**/*.parquet`;
  const columns = [...table.columns.map(({ name }) => name), ...hiveParts(window)].map(quoteAlways);
  return [
    `create schema if not exists ${quoteAlways(table.schema)}`,
    [
      `create or replace view ${quoteAlways(table.schema)}.${quoteAlways(table.name)} as`,
      `select\n  ${columns.join(',\n  ')}`,
      `from read_parquet(\n  '${files}',\n  union_by_name = true,\n  hive_partitioning = true,\n  hive_types = {${types.join(', ')}}\n)`,
    ].join('\n'),
  ];
}

function spectrumType(type: ColumnSpec['type']): string {
  const { hive } = columnTypeFacts(type);
  if (hive === 'string') return 'varchar(65535)';
  return hive === 'double' ? 'double precision' : hive;
}

function locate({ asset }: ExternalTable['table'], bucket: string): string {
  return `s3://${bucket}/${parquetRoot(asset)}`;
}

function list(items: readonly string[]): string {
  return `(\n  ${items.join(',\n  ')}\n)`;
}
