import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { openParquetWriter } from '../lake/open-parquet-writer.ts';
import { parquetRoot } from '../model/hive-layout.ts';
import type { BenchContext, Measured } from './bench.ts';
import { REAL_FILES, readRealHour, readStagedRows, sampleHour } from './hour.ts';
import { percentile } from './percentile.ts';

const WARM_RUNS = 3;
const RUNS = 10;

/** What Parquet costs on top of an hour of the real size: from the staged rows to the objects in the lake. */
export async function parquet({ openMachine, note }: BenchContext): Promise<Measured> {
  const { start, files } = existsSync(REAL_FILES) ? await readRealHour() : sampleHour();
  await using machine = await openMachine();
  note(`${files.length} files`);
  await machine.feed(files);
  const { handle } = await machine.startHour(start);
  const { rows } = await handle.result();
  const tables = machine.spec.tables.filter(({ asset }) => (rows[asset] ?? 0) > 0);
  assert(tables.length > 0, 'the hour has rows');
  const staged = await Promise.all(
    tables.map(async (table) => ({ table, chunk: await readStagedRows(machine, table.name) })),
  );

  const times: number[] = [];
  let bytes = 0;
  for (let run = 0; run < WARM_RUNS + RUNS; run += 1) {
    const startedMs = performance.now();
    const writer = await openParquetWriter(machine.lake);
    for (const { table, chunk } of staged) await writer.append(table, chunk);
    const objects = await Promise.all(tables.map((table) => writer.put(table, { prefix: parquetRoot(table.asset) })));
    await writer.dispose();
    if (run >= WARM_RUNS) times.push(performance.now() - startedMs);
    bytes = objects.reduce((sum, { size }) => sum + size, 0);
  }
  const count = Object.values(rows).reduce((sum, each) => sum + each, 0);
  return { figures: { rows: count, bytes, parquetMs: percentile(times, 0.5) }, ratios: {} };
}
