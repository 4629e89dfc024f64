import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ParquetTable } from '../../lake/open-parquet-writer.ts';
import { openTestLake } from '../lake/open-test-lake.ts';
import { askDuckDb, fetchParquet } from './read-parquet.ts';
import { writeRows } from './write-rows.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parquet-wide-test-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const TABLE: ParquetTable = {
  name: 'documents',
  columns: [
    { name: 'number', type: 'bigint' },
    { name: 'text', type: 'text' },
  ],
};
const MEGABYTE = 1_000_000;
const LETTERS = 'abcdefghijklmnopqrstuvwxyz';

/** What so many bytes hold is told by their number. */
function textOf(index: number, bytes: number): string {
  return String(index).padStart(9, '0') + LETTERS[index % 26]!.repeat(bytes - 9);
}

function* rowsOf(count: number, bytesOf: (index: number) => number): Generator<readonly unknown[]> {
  for (let index = 0; index < count; index += 1) yield [index, textOf(index, bytesOf(index))];
}

async function write(rows: Iterable<readonly unknown[]>): Promise<string> {
  const lake = await openTestLake();
  return fetchParquet(lake, await writeRows(lake, TABLE, rows, 8), folder);
}

/** How many rows a file has, and how many of them stand in their place with all that belongs to them. */
async function readWhole(path: string): Promise<unknown> {
  const [found] = await askDuckDb(`
    select
      count(*)::integer as rows,
      count(*) filter (
        number = file_row_number
        and text = lpad(number::varchar, 9, '0') || repeat(chr(97 + (number % 26)::integer), length(text) - 9)
      )::integer as whole,
      sum(length(text))::bigint::varchar as letters
    from read_parquet('${path}', file_row_number = true)
  `);
  return found;
}

test('rows of a megabyte each, more than DuckDB may hold, are written in order and in groups that fit', async () => {
  const count = 420;
  const path = await write(rowsOf(count, () => MEGABYTE));
  expect(await readWhole(path)).toEqual({ rows: count, whole: count, letters: String(count * MEGABYTE) });
  const [largest] = await askDuckDb(
    `select max(row_group_bytes)::bigint::varchar as bytes from parquet_metadata('${path}')`,
  );
  expect(Number(largest!['bytes'])).toBeLessThan(52 * MEGABYTE);
});

test('rows of a megabyte among many small ones are written too', async () => {
  const count = 20_000;
  const bytesOf = (index: number) => (index > 9_000 && index < 9_200 ? MEGABYTE : 30);
  const path = await write(rowsOf(count, bytesOf));
  expect(await readWhole(path)).toEqual({
    rows: count,
    whole: count,
    letters: String(199 * MEGABYTE + (count - 199) * 30),
  });
});
