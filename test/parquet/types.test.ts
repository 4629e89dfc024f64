import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ParquetTable } from '../../lake/open-parquet-writer.ts';
import type { ColumnType } from '../../model/column.ts';
import { columnTypeFacts } from '../../record/column-type.ts';
import { openTestLake } from '../lake/open-test-lake.ts';
import { askDuckDb, fetchParquet } from './read-parquet.ts';
import { writeRows } from './write-rows.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parquet-test-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const TYPES: Readonly<Record<string, ColumnType>> = {
  text: 'text',
  uuid: 'uuid',
  yes: 'boolean',
  whole: 'bigint',
  real: 'double precision',
  at: 'timestamptz',
  json: 'jsonb',
  small: 'numeric(5,2)',
  middle: 'numeric(18,4)',
  large: 'numeric(38,10)',
};

const VALUES: Readonly<Record<string, readonly [written: unknown, read: unknown][]>> = {
  text: [
    ['', ''],
    ['a “quoted” line\n\\. \u{1f600}', 'a “quoted” line\n\\. \u{1f600}'],
  ],
  uuid: [
    ['3A3EB23A-F22E-4FE9-8C20-F37220A81909', '3a3eb23a-f22e-4fe9-8c20-f37220a81909'],
    ['00000000-0000-0000-0000-000000000000', '00000000-0000-0000-0000-000000000000'],
  ],
  yes: [
    [true, 'true'],
    [false, 'false'],
  ],
  whole: [
    [-1, '-1'],
    [Number.MAX_SAFE_INTEGER, '9007199254740991'],
  ],
  real: [
    [0.1, '0.1'],
    [-1e300, '-1e+300'],
  ],
  at: [
    ['1969-12-31T23:59:59.999999Z', '1969-12-31 23:59:59.999999+00'],
    ['2019-06-01T18:17:03.087001Z', '2019-06-01 18:17:03.087001+00'],
  ],
  json: [
    [{ b: [1, null, 'x'], a: {} }, '{"b":[1,null,"x"],"a":{}}'],
    ['text', '"text"'],
  ],
  small: [
    ['-0.01', '-0.01'],
    ['999.99', '999.99'],
  ],
  middle: [
    ['-12345678901234.5678', '-12345678901234.5678'],
    ['0', '0.0000'],
  ],
  large: [
    ['1234567890123456789012345678.0123456789', '1234567890123456789012345678.0123456789'],
    ['-0.0000000001', '-0.0000000001'],
  ],
};

const TABLE: ParquetTable = {
  name: 'kinds',
  columns: Object.entries(TYPES).map(([name, type]) => ({ name, type })),
};

test('every type keeps its values, to the last digit, and null', async () => {
  const path = await write(TABLE, [
    TABLE.columns.map(({ name }) => VALUES[name]![0]![0]),
    TABLE.columns.map(({ name }) => VALUES[name]![1]![0]),
    TABLE.columns.map(() => null),
  ]);
  const casts = TABLE.columns.map(({ name }) => `"${name}"::varchar as "${name}"`);
  expect(await askDuckDb(`select ${casts.join(', ')} from '${path}'`)).toEqual([
    Object.fromEntries(TABLE.columns.map(({ name }) => [name, VALUES[name]![0]![1]])),
    Object.fromEntries(TABLE.columns.map(({ name }) => [name, VALUES[name]![1]![1]])),
    Object.fromEntries(TABLE.columns.map(({ name }) => [name, null])),
  ]);
});

test('the file says the types that are declared for them, and is packed with zstd', async () => {
  const path = await write(TABLE, [TABLE.columns.map(() => null)]);
  const schema = await askDuckDb(
    `select name, type, coalesce(logical_type, converted_type) as logical_type from parquet_schema('${path}') where name <> 'duckdb_schema'`,
  );
  expect(
    Object.fromEntries(schema.map(({ name, type, logical_type }) => [name, `${String(type)} ${String(logical_type)}`])),
  ).toEqual({
    text: 'BYTE_ARRAY UTF8',
    uuid: 'BYTE_ARRAY UTF8',
    yes: 'BOOLEAN null',
    whole: 'INT64 INT_64',
    real: 'DOUBLE null',
    at: 'INT64 TimestampType(isAdjustedToUTC=1, unit=TimeUnit(MILLIS=<null>, MICROS=MicroSeconds(), NANOS=<null>))',
    json: 'BYTE_ARRAY JsonType()',
    small: 'INT32 DecimalType(scale=2, precision=5)',
    middle: 'INT64 DecimalType(scale=4, precision=18)',
    large: 'FIXED_LEN_BYTE_ARRAY DecimalType(scale=10, precision=38)',
  });
  const declared = TABLE.columns.map(({ name, type }) => [name, columnTypeFacts(type).parquet.split(' ')[0]]);
  expect(schema.map(({ name, type }) => [name, type])).toEqual(declared);
  expect(await askDuckDb(`select distinct compression from parquet_metadata('${path}')`)).toEqual([
    { compression: 'ZSTD' },
  ]);
});

test('more rows than fit a vector and a row group keep their order', async () => {
  const table: ParquetTable = { name: 'numbers', columns: [{ name: 'number', type: 'bigint' }] };
  const path = await write(
    table,
    Array.from({ length: 130_001 }, (_, index) => [index]),
  );
  const [found] = await askDuckDb(`
    select count(*)::integer as rows, count(*) filter (number = file_row_number)::integer as in_order
    from read_parquet('${path}', file_row_number = true)
  `);
  expect(found).toEqual({ rows: 130_001, in_order: 130_001 });
});

test('nulls and texts of every length stay where they are, from one vector to the next', async () => {
  const table: ParquetTable = {
    name: 'texts',
    columns: [
      { name: 'number', type: 'bigint' },
      { name: 'text', type: 'text' },
    ],
  };
  const textOf = (index: number) => (index % 7 === 3 ? null : 'abcdefghijklmnopqrstuvwxyz'.slice(0, index % 27));
  const rows = Array.from({ length: 5_000 }, (_, index) => [index % 5 === 0 ? null : index, textOf(index)]);
  const found = await askDuckDb(
    `select number::integer as number, text from read_parquet('${await write(table, rows)}')`,
  );
  expect(found.map(({ number, text }) => [number, text])).toEqual(rows);
});

test('the same rows give the same object', async () => {
  const rows = [TABLE.columns.map(({ name }) => VALUES[name]![0]![0])];
  expect(await write(TABLE, rows)).toBe(await write(TABLE, rows));
});

async function write(table: ParquetTable, rows: readonly (readonly unknown[])[]): Promise<string> {
  const lake = await openTestLake();
  return fetchParquet(lake, await writeRows(lake, table, rows), folder);
}
