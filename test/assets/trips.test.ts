import { expect, test } from 'vitest';
import { trips } from '../../assets/trips/pipeline.ts';
import { sampleTrips } from '../../assets/trips/sample.ts';
import { windowOf } from '../../model/window.ts';
import { runDefinition } from '../../testing/index.ts';
import { makeParquets } from '../support/make-parquet.ts';
import { tripRow } from '../trips/month.ts';

const KEY = 'yellow_tripdata_2025-02.parquet';
const FEBRUARY = windowOf({ unit: 'month' }, Date.UTC(2025, 1, 1));

// The id is what `sha256sum` says of the day.
test('a day has its trips summed up, and those without a number of passengers are not counted as passengers', async () => {
  const [body] = await makeParquets([
    `${tripRow()} union all ${tripRow({ passenger_count: 'null::bigint', trip_distance: '1.25::double' })}`,
  ]);
  const { rows, quarantine, counts } = await runDefinition(trips, [{ key: KEY, body: body! }]);
  expect(rows.daily_summary).toEqual([
    {
      summary_id: '184ef4c3-bce4-2bc2-89ef-ad45b4c26477',
      pickup_date: '2025-02-03',
      trips: 2,
      total_passenger_count: 1,
      total_distance: 3.75,
      total_fare: 21,
      avg_trip_distance: 1.875,
      avg_fare_amount: 10.5,
      negative_fares: 0,
      impossible_distances: 0,
      dropoffs_before_pickup: 0,
    },
  ]);
  expect(quarantine).toEqual([]);
  expect(counts).toEqual({ lines: 1, good: 1, duplicate: 0, quarantined: 0 });
});

test('the sample is a month of 28 days with the habits of the real files, and the same each time', async () => {
  const [file] = sampleTrips(FEBRUARY);
  expect(file?.key).toBe(KEY);
  expect(sampleTrips(FEBRUARY)).toEqual([file]);
  const { rows, quarantine } = await runDefinition(trips, [file!]);
  expect(quarantine).toEqual([]);
  expect(rows.daily_summary).toHaveLength(28);
  const sum = (column: 'trips' | 'negative_fares' | 'impossible_distances' | 'dropoffs_before_pickup') =>
    rows.daily_summary.reduce((total, row) => total + row[column], 0);
  // 40 a day; the three of another month or year are not among them.
  expect(sum('trips')).toBe(28 * 40);
  expect(sum('negative_fares')).toBeGreaterThan(0);
  expect(sum('impossible_distances')).toBe(1);
  expect(sum('dropoffs_before_pickup')).toBe(2);
});

test('two files are one month, and one of them that is none is held back alone', async () => {
  const [one] = await makeParquets([tripRow()]);
  const { rows, quarantine } = await runDefinition(trips, [
    { key: KEY, body: one! },
    { key: 'yellow_tripdata_2025-02-again.parquet', body: one! },
    { key: 'yellow_tripdata_2025-02-page.parquet', body: '<html>Not found</html>' },
  ]);
  expect(rows.daily_summary).toMatchObject([{ pickup_date: '2025-02-03', trips: 2, total_fare: 21 }]);
  expect(quarantine).toMatchObject([
    { sourceKey: 'yellow_tripdata_2025-02-page.parquet', line: 0, reason: 'parquet', detail: 'it is an HTML page' },
  ]);
});
