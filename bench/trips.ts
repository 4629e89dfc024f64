import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { trips as pipeline } from '../assets/index.ts';
import type { BenchContext, Measured } from './bench.ts';
import { percentile } from './percentile.ts';
import { readRun } from './read-run.ts';

const MONTH = Date.UTC(2025, 0, 1);
const ROWS = 3_000_000;
/** What the worker may hold, also with a file of twice the size. */
const ALLOWED_MEGABYTES = 512;
const WARM_RUNS = 1;
const RUNS = 5;

/**
 * A month of trips, whole: from the start of its run to its published summary, beside DuckDB on the same file. Then a
 * month of twice the size, for the memory that it takes.
 */
export async function trips({ openMachine, note }: BenchContext): Promise<Measured> {
  const folder = await mkdtemp(join(tmpdir(), 'hourloom-bench-trips-'));
  try {
    const path = join(folder, 'month.parquet');
    note(`Making a month of ${ROWS} rows`);
    await makeMonth(path, ROWS);
    const { size } = await stat(path);
    await using machine = await openMachine(pipeline);
    const feed = async () => machine.feed([{ key: 'yellow_tripdata_2025-01.parquet', body: await readFile(path) }]);
    await feed();

    const monthMs: number[] = [];
    const duckdbMs: number[] = [];
    const activities = new Map<string, number[]>();
    for (let run = 0; run < WARM_RUNS + RUNS; run += 1) {
      const alone = await aggregateAlone(path);
      const { handle } = await machine.startHour(MONTH, { force: true });
      const result = await handle.result();
      assert.equal(result.rows['trips/daily_summary'], 31);
      const times = await readRun(handle);
      if (run < WARM_RUNS) continue;
      duckdbMs.push(alone);
      monthMs.push(times.ended - times.started);
      for (const { activity, started, ended } of times.activities) {
        activities.set(activity, [...(activities.get(activity) ?? []), ended - started]);
      }
    }
    const [month, alone] = [percentile(monthMs, 0.5), percentile(duckdbMs, 0.5)];
    const peak = await machine.workerPeakBytes();
    note(`Making a month of ${2 * ROWS} rows`);
    await makeMonth(path, 2 * ROWS);
    await feed();
    const { handle } = await machine.startHour(MONTH, { force: true });
    assert.equal((await handle.result()).rows['trips/daily_summary'], 31);
    const peakOfTwice = await machine.workerPeakBytes();
    return {
      figures: {
        rows: ROWS,
        megabytes: size / 1e6,
        monthMs: month,
        duckdbMs: alone,
        ...Object.fromEntries([...activities].map(([name, times]) => [`${name}Ms`, percentile(times, 0.5)])),
        ...(peak === undefined ? {} : { workerPeakMegabytes: peak / 1e6 }),
        ...(peakOfTwice === undefined ? {} : { workerPeakOfTwiceMegabytes: peakOfTwice / 1e6 }),
      },
      // At most 1 is what a month may take: one and a half times what DuckDB alone does, and a second.
      ratios: {
        overDuckdb: month / alone,
        ofAllowed: month / (1.5 * alone + 1_000),
        ...(peakOfTwice === undefined ? {} : { ofAllowedMemory: peakOfTwice / 1e6 / ALLOWED_MEGABYTES }),
      },
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The same columns as the real files, with values that pack about as well. */
export async function makeMonth(path: string, rows: number): Promise<void> {
  const database = await DuckDBInstance.create(':memory:', { threads: '2' });
  const connection = await database.connect();
  await connection.run(`
    copy (
      select
        (1 + hash(i) % 2)::integer as "VendorID",
        timestamp '2025-01-01' + to_microseconds((i * 892800 // 1000) * 1000 % 2678400000000) as tpep_pickup_datetime,
        tpep_pickup_datetime + to_seconds((hash(i + 1) % 3000)::bigint) as tpep_dropoff_datetime,
        case when hash(i + 2) % 5 = 0 then null else (1 + hash(i + 2) % 4)::bigint end as passenger_count,
        (hash(i + 3) % 2000) / 100.0::double as trip_distance,
        1::bigint as "RatecodeID",
        'N' as store_and_fwd_flag,
        (1 + hash(i + 4) % 265)::integer as "PULocationID",
        (1 + hash(i + 5) % 265)::integer as "DOLocationID",
        (1 + hash(i + 6) % 4)::bigint as payment_type,
        (hash(i + 7) % 8000) / 100.0::double as fare_amount,
        (hash(i + 8) % 4) * 0.5::double as extra,
        0.5::double as mta_tax,
        (hash(i + 9) % 1500) / 100.0::double as tip_amount,
        0::double as tolls_amount,
        1::double as improvement_surcharge,
        fare_amount + tip_amount + 1.5 as total_amount,
        2.5::double as congestion_surcharge,
        0::double as "Airport_fee",
        0.75::double as cbd_congestion_fee
      from range(${rows}) as t(i)
    ) to '${path}' (format parquet, compression zstd)
  `);
  connection.closeSync();
  database.closeSync();
}

/** What anybody would write to see the month's days. */
export async function aggregateAlone(path: string): Promise<number> {
  const startedMs = performance.now();
  const database = await DuckDBInstance.create(':memory:', { threads: '2' });
  const connection = await database.connect();
  const reader = await connection.runAndReadAll(`
    select
      tpep_pickup_datetime::date as pickup_date,
      count(*), count(passenger_count), sum(trip_distance), sum(fare_amount), avg(trip_distance), avg(fare_amount)
    from '${path}'
    where year(tpep_pickup_datetime) = 2025 and month(tpep_pickup_datetime) = 1
    group by 1
    order by 1
  `);
  assert.equal(reader.currentRowCount, 31);
  connection.closeSync();
  database.closeSync();
  return performance.now() - startedMs;
}
