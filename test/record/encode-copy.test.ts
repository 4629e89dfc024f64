import postgres from 'postgres';
import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AssetKey, PipelineName } from '../../model/asset-key.ts';
import type { ColumnSpec, ColumnType } from '../../model/column.ts';
import type { TableSpec } from '../../model/pipeline-spec.ts';
import { createTableStatements } from '../../record/ddl.ts';
import { compileEncoder } from '../../record/encode-copy.ts';
import { hashedUuid } from '../../record/hashed-uuid.ts';
import { createDatabase } from '../support/services.ts';

const field = (name: string, type: ColumnType, nullable: boolean, path: readonly string[] = [name]): ColumnSpec => ({
  name,
  type,
  nullable,
  value: { kind: 'field', path, type, nullable },
});

const columns: readonly ColumnSpec[] = [
  field('t', 'text', false),
  field('u', 'uuid', true),
  field('b', 'boolean', true),
  field('i', 'bigint', true),
  field('d', 'double precision', true),
  field('at', 'timestamptz', true),
  field('j', 'jsonb', true),
  field('deep', 'text', true, ['a', 'b', 'c']),
  {
    name: 'h',
    type: 'uuid',
    nullable: false,
    value: {
      kind: 'hashed_uuid',
      of: [
        { kind: 'field', path: ['t'], type: 'text', nullable: false },
        { kind: 'field', path: ['at'], type: 'timestamptz', nullable: true },
      ],
    },
  },
  { name: 'source_key', type: 'text', nullable: false, value: { kind: 'line', of: 'source_key' } },
  { name: 'line', type: 'bigint', nullable: false, value: { kind: 'line', of: 'number' } },
];

const table: TableSpec = {
  asset: 'kinds/value' as AssetKey,
  schema: 'kinds' as PipelineName,
  name: 'value',
  columns,
  key: ['source_key', 'line'],
  splitValue: undefined,
  codeVersion: '',
};

let sql: postgres.Sql;
beforeAll(async () => {
  sql = postgres(await createDatabase(), { max: 1, connection: { TimeZone: 'UTC' } });
  for (const statement of createTableStatements(table)) await sql.unsafe(statement);
});
afterAll(() => sql.end());

type Values = Readonly<Record<string, unknown>>;

/** What Postgres prints of rows that were written by the encoder. */
async function roundTrip(records: readonly Values[]): Promise<readonly Values[]> {
  const { stream, encode } = compileEncoder(table);
  for (const [index, record] of records.entries()) {
    expect(encode(record, { sourceKey: 'data/f.json', line: index + 1 })).toBeUndefined();
    stream.keep();
  }
  return sql.begin(async (tx) => {
    await tx`truncate kinds.value`;
    await tx`select set_config('hourloom.load_id', '7', true)`;
    const names = columns.map(({ name }) => name).join(', ');
    const copy = await tx.unsafe(`copy kinds.value (${names}) from stdin (format binary)`).writable();
    await new Promise<void>((resolve, reject) => {
      copy.on('error', reject).on('finish', resolve).end(stream.finish());
    });
    return tx<Values[]>`
      select load_id::text, t, u::text, b, i::text, d, at::text, j::text, deep, h::text, source_key, line::text
      from kinds.value
      order by value.line
    `;
  });
}

test('gives Postgres what was written, for every type of column', async () => {
  const [row] = await roundTrip([
    {
      t: 'a\\N\t\\.\n𝄞',
      u: '3A3EB23A-f22e-4fe9-8c20-f37220a81909',
      b: true,
      i: -9_007_199_254_740_991,
      d: 52.45133,
      at: '2019-06-01T18:22:45.000Z',
      j: { a: ['𝄞', 1] },
      a: { b: { c: 'deep' } },
    },
  ]);
  expect(row).toEqual({
    load_id: '7',
    t: 'a\\N\t\\.\n𝄞',
    u: '3a3eb23a-f22e-4fe9-8c20-f37220a81909',
    b: true,
    i: '-9007199254740991',
    d: 52.45133,
    at: '2019-06-01 18:22:45+00',
    j: '{"a": ["𝄞", 1]}',
    deep: 'deep',
    h: hashedUuid('a\\N\t\\.\n𝄞', '2019-06-01 18:22:45'),
    source_key: 'data/f.json',
    line: '1',
  });
});

test('writes null for what is absent, also under what is absent', async () => {
  const at = '1900-01-01T00:00:00.1234567-03:00';
  const rows = await roundTrip([
    { t: '', at },
    { t: '', at, a: null },
    { t: '', at, a: { b: null, c: 1 } },
  ]);
  expect(rows.map(({ u, b, i, d, j, deep }) => [u, b, i, d, j, deep])).toEqual(
    Array.from({ length: 3 }, () => Array(6).fill(null)),
  );
  expect(rows.map((row) => row['at'])).toEqual(Array(3).fill('1900-01-01 03:00:00.123456+00'));
});

test('gives back any text and any number', async () => {
  const text = fc.string({ unit: 'binary', maxLength: 200 }).filter((value) => !value.includes('\0'));
  const record = fc.record({
    t: text,
    d: fc.double({ noNaN: true }),
    i: fc.oneof(fc.maxSafeInteger(), fc.constantFrom(-(2 ** 63), 2 ** 62, 0, -1, 4_294_967_296, -4_294_967_297)),
    at: fc
      .date({ min: new Date('1900-01-01T00:00:00Z'), max: new Date('2100-12-31T00:00:00Z'), noInvalidDate: true })
      .map((date) => date.toISOString()),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(record, { minLength: 1, maxLength: 100 }), async (records) => {
      const rows = await roundTrip(records);
      expect(rows.map(({ t, d, i }) => [t, d, i])).toEqual(records.map(({ t, d, i }) => [t, d, String(BigInt(i))]));
      expect(rows.map((row) => Date.parse(`${String(row['at']).replace(' ', 'T')}:00`))).toEqual(
        records.map(({ at }) => Date.parse(at)),
      );
    }),
    { numRuns: 20 },
  );
});

test('keeps a row only when it is told to', () => {
  const { stream, encode } = compileEncoder(table);
  encode({ t: 'long text', at: '2019-06-01T18:22:45Z' }, { sourceKey: 'f', line: 1 });
  const before = stream.size;
  encode({ t: 'a', at: '2019-06-01T18:22:45Z' }, { sourceKey: 'f', line: 2 });
  expect(stream.size).toBe(before);
  stream.keep();
  expect(stream.take().includes('long text')).toBe(false);
});

test('knows a record again in another file, and with another value not', () => {
  const { encode, fingerprint } = compileEncoder({ ...table, key: ['h'] });
  const print = (record: Values, line: number) => {
    encode(record, { sourceKey: `file ${line}`, line });
    return { key: [...fingerprint.key], content: [...fingerprint.content] };
  };
  const record = { t: 'a', at: '2019-06-01T18:22:45Z', deep: 'x' };
  const first = print(record, 1);
  expect(print({ ...record, at: '2019-06-01T15:22:45-03:00' }, 2)).toEqual(first);
  const other = print({ ...record, d: 1 }, 3);
  expect(other.key).toEqual(first.key);
  expect(other.content).not.toEqual(first.content);
});

test.for<[string, Values, string]>([
  ['a number past 64 bits', { i: 2 ** 63 }, 'number_range'],
  ['a broken number in a whole one', { i: 0.5 }, 'number_range'],
  ['NUL', { t: 'a\0' }, 'nul'],
  ['half a surrogate pair', { t: '\ud834' }, 'surrogate'],
])('refuses %s, which a contract may have made', ([, values, reason]) => {
  const { encode } = compileEncoder(table);
  expect(encode({ t: 'a', at: '2019-06-01T18:22:45Z', ...values }, { sourceKey: 'f', line: 1 })).toMatchObject({
    kind: 'quarantined',
    reason,
  });
});
