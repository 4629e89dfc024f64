import { afterEach, expect, test } from 'vitest';
import type { FilesQuery } from '../../model/file-format.ts';
import { FilesQueryError } from '../../lake/files-query-error.ts';
import { queryFiles } from '../../lake/query-files.ts';
import type { QueriedRows } from '../../lake/query-files.ts';
import { TemporaryFile } from '../../lake/temporary-file.ts';
import { makeParquets } from '../support/make-parquet.ts';

const WINDOW = { start: Date.UTC(2025, 1, 1), end: Date.UTC(2025, 2, 1) };
const QUERY: FilesQuery = {
  columns: [
    { name: 'at', type: 'timestamp' },
    { name: 'amount', type: 'number' },
  ],
  time: 'at',
  statement: 'select count(*) as rows, sum(amount::decimal(18, 2))::double as amount from files',
};
const ROW = "select timestamp '2025-02-03 10:00:00' as at, 1.5::double as amount";

const open: TemporaryFile[] = [];
afterEach(async () => {
  for (const file of open.splice(0)) await file[Symbol.asyncDispose]();
});

/** What the statement gives of these files, what was rejected, and what was counted. */
async function query(
  bodies: readonly Buffer[],
  asked: FilesQuery = QUERY,
): Promise<{ readonly lines: string; readonly rejected: unknown[]; readonly read: QueriedRows | undefined }> {
  const files = [];
  for (const [index, body] of bodies.entries()) {
    const file = await TemporaryFile.create();
    open.push(file);
    await file.write(body);
    files.push({ source: `file-${index}`, path: await file.path() });
  }
  let lines = '';
  let read: QueriedRows | undefined;
  const rejected: unknown[] = [];
  const segments = queryFiles(files, { query: asked, window: WINDOW, onRead: (counts) => void (read = counts) });
  for await (const segment of segments) {
    if ('rejected' in segment) rejected.push(segment);
    else lines += segment.bytes.toString();
  }
  return { lines, rejected, read };
}

test('the files of a window are one table, whatever types each has its columns in', async () => {
  const bodies = await makeParquets([
    ROW,
    'select 2::integer as "AMOUNT", timestamp_ns \'2025-02-04 10:00:00.000000001\' as "At", \'x\' as other',
    "select timestamptz '2025-03-01 01:00:00+02' as at, 3::decimal(5, 1) as amount",
    "select date '2025-03-01' as at, 100 as amount",
  ]);
  expect(await query(bodies)).toEqual({
    lines: '{"rows":3,"amount":6.5}\n',
    rejected: [],
    read: { rows: 4, inWindow: 3, rejected: 0, empty: 0 },
  });
});

test('a file that is damaged within is found out and left out, the others are used', async () => {
  const [good, bad, none] = await makeParquets([
    ROW,
    "select timestamp '2025-02-03 10:00:00' + to_seconds(i) as at, hash(i)::double as amount from range(30000) as t(i)",
    `${ROW} where false`,
  ]);
  bad!.fill(0xff, 100, 20_000);
  const { lines, rejected, read } = await query([good!, bad!, none!]);
  expect(lines).toBe('{"rows":1,"amount":1.5}\n');
  expect(rejected).toMatchObject([{ source: 'file-1', rejected: 'parquet' }]);
  expect(read).toEqual({ rows: 1, inWindow: 1, rejected: 1, empty: 1 });
});

test('no message names the temporary file', async () => {
  const [file] = await makeParquets([ROW]);
  const { rejected } = await query([file!.subarray(0, -8)]);
  expect(rejected).toHaveLength(1);
  expect(JSON.stringify(rejected)).not.toContain('/dev/fd');
});

test('a statement that needs more than it may hold in memory takes the disk', { timeout: 60_000 }, async () => {
  // In memory alone DuckDB gives this one up.
  const [file] = await makeParquets([
    "select timestamp '2025-02-03 10:00:00' as at, i as amount from range(10000000) as t(i)",
  ]);
  const statement = 'select count(*) as rows, count(distinct amount) as amounts from files';
  expect(await query([file!], { ...QUERY, statement })).toMatchObject({
    lines: '{"rows":10000000,"amounts":10000000}\n',
    read: { rows: 10_000_000, inWindow: 10_000_000 },
  });
});

test('a statement that cannot be run is the definition’s fault, not a file’s', async () => {
  const [file] = await makeParquets([ROW]);
  for (const statement of ['select nothing from files', 'select from', "select * from read_csv('x')"]) {
    await expect(query([file!], { ...QUERY, statement })).rejects.toThrow(FilesQueryError);
  }
});

test('without a file there is no record', async () => {
  expect(await query([])).toEqual({ lines: '', rejected: [], read: undefined });
});
