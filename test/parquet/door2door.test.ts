import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sampleVehicles } from '../../assets/door2door/sample.ts';
import { door2door } from '../../assets/index.ts';
import { readVisible } from '../../warehouse/read-ledger.ts';
import { definitionOf, openStack } from '../hour/open-stack.ts';
import type { Stack } from '../hour/open-stack.ts';
import { hasRealFiles, readRealFiles } from '../hour/real-files.ts';
import { askDuckDb, fetchParquet } from './read-parquet.ts';

const HOUR = Date.parse('2019-06-01T18:00:00Z');
const { spec } = definitionOf(door2door);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parquet-test-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the Parquet', () => {
  if (hasRealFiles) {
    test('of the real hour equals the warehouse row for row', async () => {
      await using stack = await openMade(await readRealFiles());
      expect(await compareTables(stack)).toEqual({ vehicle_location: 35_349, operating_periods: 2 });
    });
  } else {
    test('of the real hour: it is not at hand, so the rule is held against generated files only', () => {
      expect(hasRealFiles).toBe(false);
    });
  }

  test('of a generated hour equals the warehouse row for row', async () => {
    const files = sampleVehicles({ start: HOUR, end: HOUR + 3_600_000 });
    await using stack = await openMade(files);
    const rows = await compareTables(stack);
    const counted = await stack.warehouse.sql<
      { rows: number }[]
    >`select count(*) as rows from door2door.vehicle_location`;
    expect(rows['vehicle_location']).toBe(counted[0]!.rows);
    expect(rows['vehicle_location']).toBeGreaterThan(0);
  });
});

async function openMade(files: Parameters<Stack['feed']>[0]): Promise<Stack & AsyncDisposable> {
  const stack = await openStack(door2door);
  await stack.feed(files);
  expect((await stack.run(HOUR)).outcome).toBe('made');
  return { ...stack, [Symbol.asyncDispose]: () => stack.close() };
}

/** Holds every row of every table against its Parquet, value by value; returns how many rows each has. */
async function compareTables({ lake, warehouse }: Stack): Promise<Record<string, number>> {
  const made = await readVisible(warehouse.sql, { pipeline: spec.name, start: HOUR });
  const rows: Record<string, number> = {};
  for (const table of spec.tables) {
    const { objectKey, counts } = made.find(({ asset }) => asset === table.asset)!;
    expect(objectKey).toMatch(
      new RegExp(`^tables/${table.asset}/year=2019/month=06/day=01/hour=18/[0-9a-f]{64}\\.parquet$`, 'u'),
    );
    const path = await fetchParquet(lake, { key: objectKey!, size: counts.bytes! }, folder);
    const { sql } = warehouse;
    // Times by their microseconds, so that nothing of them is left out.
    const select = (microseconds: (name: string) => string) =>
      table.columns
        .map(({ name, type }) => (type === 'timestamptz' ? `${microseconds(name)} as ${name}` : name))
        .join(', ');
    const there = await sql.unsafe(`
      select ${select((name) => `(extract(epoch from ${name}) * 1000000)::bigint::text`)}
      from ${table.schema}.${table.name}
      order by ${table.key[0]}
    `);
    const here = await askDuckDb(
      `select ${select((name) => `epoch_us(${name})::varchar`)} from '${path}' order by ${table.key[0]}`,
    );
    expect(here).toEqual([...there]);
    rows[table.name] = here.length;
  }
  return rows;
}
