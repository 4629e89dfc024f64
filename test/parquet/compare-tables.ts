import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { door2door } from '../../assets/index.ts';
import { readVisible } from '../../warehouse/read-ledger.ts';
import { definitionOf } from '../hour/open-stack.ts';
import type { Stack } from '../hour/open-stack.ts';
import { askDuckDb, fetchParquet } from './read-parquet.ts';

const { spec } = definitionOf(door2door);

/** Holds every row of every table against its Parquet, value by value; returns how many rows each has. */
export async function compareTables({ lake, warehouse }: Stack, start: number): Promise<Record<string, number>> {
  const folder = await mkdtemp(join(tmpdir(), 'parquet-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const made = await readVisible(warehouse.sql, { pipeline: spec.name, start });
  const rows: Record<string, number> = {};
  for (const table of spec.tables) {
    const { objectKey, counts } = made.find(({ asset }) => asset === table.asset)!;
    expect(objectKey).toMatch(
      new RegExp(`^tables/${table.asset}/year=2019/month=\\d\\d/day=01/hour=18/[0-9a-f]{64}\\.parquet$`, 'u'),
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
