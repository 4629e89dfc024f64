import * as v from 'valibot';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startDerive } from '../../client/start-derive.ts';
import {
  blocking,
  daily,
  derived,
  eventTime,
  findDerived,
  findPipeline,
  functionCheck,
  nullRate,
  rejects,
  rowCount,
  rows,
  sql,
  sqlCheck,
  timestamp,
  unique,
  window,
} from '../../define/index.ts';
import type { AssetKey } from '../../model/asset-key.ts';
import type { DeriveResult } from '../../model/derive-run.ts';
import { derivedPartition } from '../../model/partition.ts';
import { readCheckResults } from '../../warehouse/read-check-results.ts';
import { readVisible } from '../../warehouse/read-ledger.ts';
import { wipe } from '../../warehouse/wipe.ts';
import type { WipedPartition } from '../../warehouse/wipe.ts';
import { openStack } from '../hour/open-stack.ts';
import type { Stack } from '../hour/open-stack.ts';
import { FIRST, hourAt, makeTrips, tripFile } from './checked-pipeline.ts';
import type { Trip } from './checked-pipeline.ts';

/** What a function check does at the moment. */
let judge = (): boolean => true;

const trips = makeTrips('warnings_test', ({ at, car, km }) => [
  rowCount({ min: 2, max: 3 }),
  nullRate(km, { max: 0.25 }),
  unique(car, at),
  eventTime(at, { within: '30 minutes' }),
  rejects({ max: 0.2 }),
  sqlCheck('no_far_trips', sql`with far as (select id from ${rows} where km > 1000) select id from far -- far ones`),
  sqlCheck('all_in_window', sql`select count(*) from ${rows} where not at <@ ${window}`),
  sqlCheck('no_division_by_zero', sql`select id from ${rows} where 1 / (km - 7)::integer > 1000`),
  functionCheck('judged', { version: 1, check: () => ({ passed: judge() }) }),
]);

const byCar = derived('warnings_test/by_car', {
  window: daily(),
  key: ['car'],
  row: v.object({ car: v.string(), first_at: timestamp(), km: v.nullable(v.number()) }),
  sql: sql`select car, min(at) as first_at, sum(km) as km from ${trips.trips} where at <@ ${window} group by car`,
  checks: ({ km, first_at }) => [
    blocking(rowCount({ max: 2 })),
    nullRate(km, { max: 0.4 }),
    eventTime(first_at, { within: '1 hour' }),
    sqlCheck(
      'adds_up',
      sql`
      select 1 where (select sum(km) from ${rows}) <> (select sum(km) from ${trips.trips} where at <@ ${window})
    `,
    ),
    functionCheck('cars_have_names', {
      version: 1,
      async check({ rows, window }) {
        const names: string[] = [];
        for await (const { car } of rows) names.push(car);
        return { passed: !names.includes(''), detail: `${names.join()} of ${new Date(window!.start).toISOString()}` };
      },
    }),
  ],
});

const asset = findPipeline(trips)!.spec.tables[0]!.asset;
const day = findDerived(byCar)!;

let stack: Stack;
beforeAll(async () => {
  stack = await openStack(trips, { derived: [byCar] });
});
afterAll(() => stack.close());

const feed = (hour: number, ...given: readonly Trip[]) => stack.feed([tripFile(hourAt(hour), given)]);

/** Without a word to the day, which is computed when a test says so. */
const run = (hour: number) => stack.run(hourAt(hour), { announce: false });

const kept = async (of: AssetKey, hour = 0) => {
  const within = { start: hourAt(hour), end: hourAt(hour + 1) };
  const results = await readCheckResults(stack.warehouse.sql, { asset: of, within, limit: 100 });
  return Object.fromEntries(results.map(({ name, passed, value, detail }) => [name, { passed, value, detail }]));
};

async function deriveDay(): Promise<DeriveResult> {
  const { taskQueue, client } = stack;
  const { handle } = await startDerive(client, { derived: day, start: FIRST, taskQueue, input: { force: true } });
  return handle.result();
}

const at = (minute: number) => new Date(hourAt(0) + minute * 60_000).toISOString();

test('each built-in check says what it found, and rows that fail a warning are visible', async () => {
  await feed(
    0,
    { id: 'a', at: at(10), car: 'x', colour: 'red' },
    { id: 'b', at: at(10), car: 'x', km: undefined },
    { id: 'c', at: at(20), car: 'x', km: 2_000 },
    { id: 'd', at: at(10), car: 'y', km: undefined, colour: 'blue' },
    { id: 'e', at: at(10), car: 'y', km: 'far' },
    { id: 'f', at: at(10), car: 'y', km: 'far' },
  );
  const result = await run(0);
  expect(result).toMatchObject({ outcome: 'made', rows: { [asset]: 4 } });
  expect(result.failedChecks?.map(({ name }) => name)).toEqual([
    ...['row_count', 'null_rate(km)', 'unique(car, at)', 'event_time(at)', 'rejects'],
    ...['no_far_trips', 'new_fields'],
  ]);
  expect(await kept(asset)).toEqual({
    row_count: { passed: false, value: 4, detail: '4 rows; at least 2 and at most 3 expected' },
    'null_rate(km)': { passed: false, value: 0.5, detail: '2 of 4 rows null in "km" (50 %); at most 25 % allowed' },
    'unique(car, at)': { passed: false, value: 1, detail: '1 row of 4 repeats "car", "at"' },
    'event_time(at)': {
      passed: false,
      value: 2_400,
      detail: 'the newest is of 2026-03-01T00:20:00.000Z, 2400 s before the window’s end; at most 1800 s allowed',
    },
    rejects: { passed: false, value: 2 / 6, detail: '2 of 6 lines held back (33.33 %); at most 20 % allowed' },
    no_far_trips: { passed: false, value: 1, detail: '1 row offends, such as {"id":"c"}' },
    all_in_window: { passed: true, value: 0, detail: '0 rows offend' },
    no_division_by_zero: { passed: true, value: 0, detail: '0 rows offend' },
    judged: { passed: true, value: null, detail: 'it passed' },
    new_fields: {
      passed: false,
      value: 1,
      detail: 'the contract does not know these fields, with how many records have each: colour (2)',
    },
  });
});

test('a check that cannot be carried out at night has failed with its error, and the hour is there', async () => {
  judge = () => {
    throw new TypeError('no such city');
  };
  await feed(0, { id: 'a', at: at(50), km: 7 }, { id: 'b', at: at(70), car: 'b' });
  const result = await run(0);
  judge = () => true;
  expect(result).toMatchObject({ outcome: 'made', rows: { [asset]: 2 } });
  expect(await kept(asset)).toEqual({
    row_count: { passed: true, value: 2, detail: '2 rows; at least 2 and at most 3 expected' },
    'null_rate(km)': { passed: true, value: 0, detail: '0 of 2 rows null in "km" (0 %); at most 25 % allowed' },
    'unique(car, at)': { passed: true, value: 0, detail: 'no row repeats "car", "at"' },
    'event_time(at)': {
      passed: true,
      value: -600,
      detail:
        'the newest is of 2026-03-01T01:10:00.000Z, 600 s after the window’s end; at most 1800 s before it allowed',
    },
    rejects: { passed: true, value: 0, detail: '0 of 2 lines held back (0 %); at most 20 % allowed' },
    no_far_trips: { passed: true, value: 0, detail: '0 rows offend' },
    all_in_window: { passed: false, value: 1, detail: '1 row offends' },
    no_division_by_zero: { passed: false, value: null, detail: 'Postgres refuses it: division by zero' },
    judged: { passed: false, value: null, detail: 'it threw TypeError: no such city' },
  });
});

test('an hour without rows has nothing to measure but its count', async () => {
  expect((await run(5)).failedChecks).toEqual([
    { asset, name: 'row_count', detail: '0 rows; at least 2 and at most 3 expected' },
  ]);
  expect(await kept(asset, 5)).toMatchObject({
    'null_rate(km)': { passed: true, value: 0 },
    'unique(car, at)': { passed: true, value: 0 },
    'event_time(at)': { passed: true, value: null, detail: 'no event, so none that is old' },
    rejects: { passed: true, value: 0 },
  });
});

test('a derived partition is held to its checks, and keeps its old rows where a blocking one fails', async () => {
  expect(await deriveDay()).toEqual({
    ...{ outcome: 'made', inputs: 2, expected: 24, rows: 2 },
    failedChecks: [
      {
        asset: day.asset,
        name: 'event_time(first_at)',
        detail: `the newest is of 2026-03-01T01:10:00.000Z, ${22 * 3_600 + 50 * 60} s before the window’s end; at most 3600 s allowed`,
      },
    ],
  });
  const before = await kept(day.asset);
  expect(before).toMatchObject({
    row_count: { passed: true, value: 2, detail: '2 rows; at most 2 expected' },
    'null_rate(km)': { passed: true, value: 0 },
    adds_up: { passed: true, value: 0 },
    cars_have_names: { passed: true, detail: 'a,b of 2026-03-01T00:00:00.000Z' },
  });

  await feed(2, { id: 'x', car: 'c' }, { id: 'y', car: 'd' });
  await run(2);
  await expect(deriveDay()).rejects.toThrow('Workflow execution failed');
  const [visible] = await readVisible(stack.warehouse.sql, derivedPartition(day.asset, FIRST));
  expect(visible).toMatchObject({ rowCount: 2 });
  const results = await readCheckResults(stack.warehouse.sql, { asset: day.asset, failed: true, limit: 10 });
  expect(results.map(({ name, visible, blocking, detail }) => ({ name, visible, blocking, detail }))).toEqual([
    { name: 'event_time(first_at)', visible: true, blocking: false, detail: expect.any(String) as string },
    { name: 'row_count', visible: false, blocking: true, detail: '4 rows; at most 2 expected' },
  ]);
});

test('what was said of a partition goes when it is wiped', async () => {
  const wiped: WipedPartition[] = [];
  for await (const each of wipe(stack.warehouse, {
    asset,
    table: { schema: 'warnings_test', name: 'trips' } as never,
    within: { start: FIRST, end: hourAt(1) },
  }))
    wiped.push(each);
  expect(wiped).toEqual([{ start: FIRST, rows: 2 }]);
  expect(await kept(asset)).toEqual({});
});
