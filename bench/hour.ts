import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { sampleVehicles } from '../assets/door2door/sample.ts';
import { getObject } from '../lake/get-object.ts';
import { listObjects } from '../lake/list-objects.ts';
import { windowAt } from '../model/window.ts';
import { copyInto } from '../warehouse/copy-into.ts';
import { transact } from '../warehouse/transact.ts';
import type { BenchContext, Figures, Measured } from './bench.ts';
import type { BenchMachine } from './open-bench-machine.ts';
import { percentile } from './percentile.ts';
import { readRun } from './read-run.ts';
import type { RunTimes } from './read-run.ts';

/** The real hour stands beside the project where there is one; it is no part of it. */
export const REAL_FILES = fileURLToPath(new URL('../../shared/data/door2door/data', import.meta.url));
const REAL_START = Date.parse('2019-06-01T18:00:00Z');
const WARM_RUNS = 3;
const RUNS = 10;

/** An hour and its files. */
export interface HourFiles {
  readonly start: number;
  readonly files: readonly { readonly key: string; readonly body: string | Buffer }[];
}

/** One hour of the real size, whole: how long each activity takes, beside a plain COPY of the same rows. */
export async function hour({ openMachine, note }: BenchContext): Promise<Measured> {
  const { start, files } = existsSync(REAL_FILES) ? await readRealHour() : sampleHour();
  const bytes = files.reduce((sum, { body }) => sum + Buffer.byteLength(body), 0);
  await using machine = await openMachine();
  note(`${files.length} files, ${(bytes / 1e6).toFixed(1)} MB`);
  await machine.feed(files);

  const runs: RunTimes[] = [];
  let rows = 0;
  for (let run = 0; run < WARM_RUNS + RUNS; run += 1) {
    const { handle } = await machine.startHour(start, { force: true });
    const result = await handle.result();
    assert.equal(result.counts.good, result.counts.lines);
    rows = Object.values(result.rows).reduce((sum, count) => sum + count, 0);
    assert.equal(rows, result.counts.lines);
    if (run >= WARM_RUNS) runs.push(await readRun(handle));
  }
  note('A COPY of the ready rows');
  const copyMs = await measureCopy(machine);
  const hourMs = percentile(
    runs.map((run) => run.ended - run.started),
    0.5,
  );
  return {
    figures: {
      files: files.length,
      rows,
      hourMs,
      ...activityTimes(runs),
      megabytesPerSecond: bytes / 1e3 / hourMs,
      rowsPerSecond: (rows / hourMs) * 1_000,
      copyMs,
    },
    // 1 would be an hour that takes no longer than Postgres needs for its rows.
    ratios: { copyShare: copyMs / hourMs },
  };
}

/** The median of each activity, from its start to its end. */
function activityTimes(runs: readonly RunTimes[]): Figures {
  const names = runs[0]?.activities.map(({ activity }) => activity) ?? [];
  return Object.fromEntries(
    names.map((name) => {
      const times = runs.flatMap(({ activities }) =>
        activities.filter(({ activity }) => activity === name).map(({ started, ended }) => ended - started),
      );
      return [`${name}Ms`, percentile(times, 0.5)];
    }),
  );
}

/** The rows of the largest table as transform staged them, into a table of the same shape. */
async function measureCopy(machine: BenchMachine): Promise<number> {
  const { sql } = machine.warehouse;
  const [table] = machine.spec.tables;
  assert(table, 'the pipeline has a table');
  const columns = table.columns.map(({ name }) => name);
  const rows = await readStagedRows(machine, table.name);
  const chunks = async function* () {
    yield rows;
  };
  await sql`create schema bench`;
  await sql`create table bench.ready (like ${sql(table.schema)}.${sql(table.name)} including all)`;
  const times: number[] = [];
  for (let run = 1; run <= WARM_RUNS + RUNS; run += 1) {
    const startedMs = performance.now();
    await transact(sql, async (tx) => {
      await tx`select set_config('hourloom.load_id', ${String(run)}, true)`;
      await copyInto(tx, { schema: 'bench', table: 'ready', columns }, chunks());
    });
    if (run > WARM_RUNS) times.push(performance.now() - startedMs);
    await sql`truncate bench.ready`;
  }
  return percentile(times, 0.5);
}

/** The rows of a table as transform staged them. */
export async function readStagedRows({ lake, spec }: BenchMachine, table: string): Promise<Buffer> {
  const use = { bucket: lake.bucket, role: 'lake' } as const;
  for await (const { key } of listObjects(lake, { use, prefix: `staged/${spec.name}/` })) {
    if (key.endsWith(`.${table}.copy`))
      return Buffer.from(await (await getObject(lake, { use, key })).body.arrayBuffer());
  }
  throw new Error(`Nothing is staged for table "${table}" of ${spec.name}, although its hour was made.`);
}

/** The real hour, as its writer put it. */
export async function readRealHour(): Promise<HourFiles> {
  const names = await readdir(REAL_FILES);
  const files = names.map(async (name) => ({ key: `data/${name}`, body: await readFile(`${REAL_FILES}/${name}`) }));
  return { start: REAL_START, files: await Promise.all(files) };
}

/** The project's own sample has a fifth of the rows and a quarter of the files. */
export function sampleHour(): HourFiles {
  const window = windowAt({ unit: 'hour' }, REAL_START / 3_600_000);
  return { start: window.start, files: sampleVehicles(window) };
}
