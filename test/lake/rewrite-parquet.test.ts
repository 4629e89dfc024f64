import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openFileReader } from '../../lake/open-file-reader.ts';
import type { FileReader } from '../../lake/open-file-reader.ts';
import { Spool } from '../../lake/spool.ts';

let folder: string;

beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'hourloom-parquet-'))));
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A Parquet file of what a statement gives, as DuckDB writes it. */
async function makeParquet(statement: string): Promise<Buffer> {
  const path = join(folder, 'made.parquet');
  const database = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await database.connect();
  await connection.run(`copy (${statement}) to '${path}' (format parquet, row_group_size 20000)`);
  connection.closeSync();
  database.closeSync();
  return readFile(path);
}

async function makeParquets(statements: readonly string[]): Promise<readonly Buffer[]> {
  const files: Buffer[] = [];
  for (const statement of statements) files.push(await makeParquet(statement));
  return files;
}

async function rewrite(bytes: Buffer, maxBytes = 1_000_000_000): Promise<unknown> {
  const reader = openFileReader({ format: { kind: 'parquet' }, maxBytes });
  try {
    return await readWith(reader, bytes);
  } finally {
    await reader.close();
  }
}

async function readWith(reader: FileReader, bytes: Buffer): Promise<unknown> {
  const spool = new Spool();
  try {
    const file = await reader.read(once(bytes), spool);
    if (file.kind === 'rejected') return `${file.reason}: ${file.detail ?? ''}`;
    if (file.kind === 'empty') return 'empty';
    const read: Buffer[] = [];
    for await (const chunk of spool.read()) read.push(chunk);
    return Buffer.concat(read).toString().trimEnd().split('\n');
  } finally {
    await spool.dispose();
  }
}

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

test('each row is an object of its columns, every value as JSON can say it', async () => {
  const file = await makeParquet(`
    select 9007199254740993::bigint as "Big One", 1234567890123456789012345678.1234567891::decimal(38, 10) as price, 0.1::float as small, 1e300 as large,
      'NaN'::double as none, timestamp '2019-06-01 18:17:03.087' as "local",
      timestamptz '2019-06-01 15:17:03.087123-03' as at, timestamp_ns '2019-06-01 18:17:03.123456789' as ns,
      date '2019-06-01' as day, 'a"b' as text, true as yes, null::int as gone, '\\xAA\\xBB'::blob as bytes,
      {'x': 1.5::decimal(3, 1), 'at': timestamptz '2019-06-01 18:00:00+00'} as inner,
      [timestamptz '2019-06-01 18:00:00+00', null] as times, map {'k': 0.5} as named`);
  expect(await rewrite(file)).toEqual([
    [
      '{"Big One":9007199254740993,"price":1234567890123456789012345678.1234567891,"small":0.1,"large":1e300,"none":"nan","local":"2019-06-01T18:17:03.087"',
      '"at":"2019-06-01T18:17:03.087123Z","ns":"2019-06-01T18:17:03.123456789","day":"2019-06-01","text":"a\\"b","yes":true',
      '"gone":null,"bytes":"qrs=","inner":{"x":1.5,"at":"2019-06-01T18:00:00.000000Z"}',
      '"times":["2019-06-01T18:00:00.000000Z",null],"named":{"k":0.5}}',
    ].join(','),
  ]);
});

test('the rows stand in the order of the file', async () => {
  const rows = await rewrite(await makeParquet('select i from range(50000) rows(i)'));
  expect(rows).toEqual(Array.from({ length: 50_000 }, (_, index) => `{"i":${index}}`));
});

test('one reader reads file after file, also of one size, and goes on after one that it rejects', async () => {
  const reader = openFileReader({ format: { kind: 'parquet' }, maxBytes: 1_000_000 });
  const files = await makeParquets(['select 1 as a', 'select 2 as a', `select 'x' as b`]);
  const read: unknown[] = [];
  for (const file of [files[0]!, files[1]!, Buffer.from(files[0]!).fill(0xff, 4, 40), files[2]!, files[0]!])
    read.push(await readWith(reader, file));
  await reader.close();
  expect(files[0]).toHaveLength(files[1]!.length);
  expect(read).toEqual([['{"a":1}'], ['{"a":2}'], expect.stringMatching(/^parquet: /u), ['{"b":"x"}'], ['{"a":1}']]);
});

test('a file without rows is empty, as is one without bytes', async () => {
  expect(await rewrite(await makeParquet('select 1 as a where false'))).toBe('empty');
  expect(await rewrite(Buffer.alloc(0))).toBe('empty');
});

test.each([
  ['the page of a server', Buffer.from('<html><body>Sign in</body></html>'), 'it is an HTML page'],
  ['an XML error', Buffer.from('<?xml version="1.0"?><Error><Code>NoSuchKey</Code></Error>'), 'it is an XML document'],
  ['a git-lfs pointer', Buffer.from('version https://git-lfs.github.com/spec/v1\n'), 'it is a git-lfs pointer'],
  ['gzip', gzipSync('PAR1'), 'it is gzip'],
  ['text', Buffer.from('a,b\n1,2\n'), 'it does not begin as Parquet does'],
  ['an encrypted file', Buffer.from('PARE\0\0\0\0\0\0\0\0PARE'), 'it is encrypted'],
  ['its first word alone', Buffer.from('PAR1'), 'it does not end as Parquet does: it is cut short'],
])('is rejected where it is %s', async (_, bytes, detail) => {
  expect(await rewrite(bytes)).toBe(`parquet: ${detail}`);
});

test('a file that lacks its end, its middle or its sense is rejected as a whole', async () => {
  const whole = await makeParquet('select i, random() as x from range(50000) rows(i)');
  expect(await rewrite(whole.subarray(0, whole.length / 2))).toBe(
    'parquet: it does not end as Parquet does: it is cut short',
  );
  const hollow = Buffer.concat([whole.subarray(0, 5_000), whole.subarray(-30_000)]);
  expect(await rewrite(hollow)).toMatch(/^parquet: /u);
  const overwritten = Buffer.from(whole).fill(0xff, 4, 60);
  expect(await rewrite(overwritten)).toMatch(/^parquet: (?!.*dev\/fd)/u);
});

test('a file that is larger than one may be is rejected', async () => {
  expect(await rewrite(await makeParquet('select 1 as a'), 20)).toBe('too_large: it has more than 20 bytes');
});
