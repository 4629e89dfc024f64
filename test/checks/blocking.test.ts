import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { blocking, findPipeline, functionCheck, nullRate, rowCount, rows, sql, sqlCheck } from '../../define/index.ts';
import { listFailures } from '../../warehouse/list-failures.ts';
import { readCheckResults } from '../../warehouse/read-check-results.ts';
import type { KeptCheckResult } from '../../warehouse/read-check-results.ts';
import { openStack } from '../hour/open-stack.ts';
import type { Stack } from '../hour/open-stack.ts';
import { hourAt, makeTrips, tripFile } from './checked-pipeline.ts';
import type { Trip } from './checked-pipeline.ts';

const trips = makeTrips('blocking_test', ({ km }) => [
  blocking(rowCount({ min: 2 })),
  blocking(nullRate(km, { max: 0.5 })),
  blocking(sqlCheck('no_far_trips', sql`select id, km from ${rows} where km > 1000`)),
  blocking(
    functionCheck('cars_are_known', {
      version: 1,
      async check({ rows }) {
        const cars = new Set<string>();
        for await (const { car } of rows) cars.add(car);
        return { passed: !cars.has('unknown'), value: cars.size, detail: [...cars].join() };
      },
    }),
  ),
]);

const asset = findPipeline(trips)!.spec.tables[0]!.asset;

let stack: Stack;
beforeAll(async () => {
  stack = await openStack(trips);
});
afterAll(() => stack.close());

const feed = (hour: number, ...given: readonly Trip[]) => stack.feed([tripFile(hourAt(hour), given)]);

/** The failure that a person reads. */
async function failureOf(run: Promise<unknown>): Promise<ApplicationFailure> {
  const error = await run.catch((error: unknown) => error);
  if (!(error instanceof WorkflowFailedError)) throw new Error('The run did not fail.', { cause: error });
  const cause = error.cause?.cause;
  if (!(cause instanceof ApplicationFailure)) throw new Error('It failed for another reason.', { cause: error });
  return cause;
}

const countKept = async () =>
  (await stack.warehouse.sql<[{ count: number }]>`select count(*) as count from hourloom.check_result`)[0].count;

const readIds = async () =>
  (await stack.warehouse.sql<{ id: string }[]>`select id from blocking_test.trips order by id`).map(({ id }) => id);

const readResults = async (hour: number): Promise<readonly Partial<KeptCheckResult>[]> => {
  const within = { start: hourAt(hour), end: hourAt(hour + 1) };
  const results = await readCheckResults(stack.warehouse.sql, { asset, within, limit: 100 });
  return results.map(({ name, passed, value, detail, visible }) => ({ name, passed, value, detail, visible }));
};

const passedAll = [
  { name: 'cars_are_known', passed: true, value: 2, detail: 'a,b', visible: true },
  { name: 'no_far_trips', passed: true, value: 0, detail: '0 rows offend', visible: true },
  {
    name: 'null_rate(km)',
    passed: true,
    value: 0.5,
    detail: '1 of 2 rows null in "km" (50 %); at most 50 % allowed',
    visible: true,
  },
  { name: 'row_count', passed: true, value: 2, detail: '2 rows; at least 2 expected', visible: true },
];

test('rows that pass all blocking checks become visible, with what the checks said', async () => {
  await feed(0, { id: 'a' }, { id: 'b', car: 'b', km: undefined });
  expect(await stack.run(hourAt(0))).toMatchObject({ outcome: 'made', rows: { 'blocking_test/trips': 2 } });
  expect(await readIds()).toEqual(['a', 'b']);
  expect(await readResults(0)).toEqual(passedAll);
});

test('one that fails keeps the old hour visible, says what was found, and is not tried again', async () => {
  await feed(0, { id: 'c', km: 1_200 }, { id: 'd', km: 2_000 });
  const failure = await failureOf(stack.run(hourAt(0)));
  expect(failure).toMatchObject({ type: 'CheckFailedError', nonRetryable: true });
  expect(failure.message).toBe(
    'A blocking check failed, so nothing was published and what was there stays ' +
      '(no_far_trips of blocking_test/trips: 2 rows offend). ' +
      'Mend the data where it comes from, or the check, then run the partition again.',
  );
  expect(await readIds()).toEqual(['a', 'b']);
  const [kept] = await listFailures(stack.warehouse.sql, { limit: 1 });
  expect(kept).toMatchObject({ reason: failure.message, retryable: false, attempts: 1 });
  expect(await readResults(0)).toEqual([
    ...passedAll,
    { name: 'cars_are_known', passed: true, value: 1, detail: 'a', visible: false },
    {
      name: 'no_far_trips',
      passed: false,
      value: 2,
      detail: '2 rows offend, such as {"id":"c","km":1200}, {"id":"d","km":2000}',
      visible: false,
    },
    {
      name: 'null_rate(km)',
      passed: true,
      value: 0,
      detail: '0 of 2 rows null in "km" (0 %); at most 50 % allowed',
      visible: false,
    },
    { name: 'row_count', passed: true, value: 2, detail: '2 rows; at least 2 expected', visible: false },
  ]);
});

test('of several attempts that were refused the newest alone is remembered, beside what is visible', async () => {
  await feed(0, { id: 'e', car: 'unknown' });
  const failure = await failureOf(stack.run(hourAt(0)));
  expect(failure.message).toContain('2 blocking checks failed');
  expect(failure.message).toContain('row_count of blocking_test/trips: 1 row; at least 2 expected');
  expect(failure.message).toContain('cars_are_known of blocking_test/trips: unknown');
  const results = await readResults(0);
  expect(results.filter(({ visible }) => visible)).toEqual(passedAll);
  expect(results.filter(({ passed }) => !passed)).toEqual([
    { name: 'cars_are_known', passed: false, value: 1, detail: 'unknown', visible: false },
    { name: 'row_count', passed: false, value: 1, detail: '1 row; at least 2 expected', visible: false },
  ]);
  expect(await countKept()).toBe(8);
});

test('when the data is mended the hour passes, and what was said of older rows goes', async () => {
  await feed(0, { id: 'f' }, { id: 'g', car: 'b', km: undefined });
  expect(await stack.run(hourAt(0))).toMatchObject({ outcome: 'made' });
  expect(await readIds()).toEqual(['f', 'g']);
  expect(await readResults(0)).toEqual(passedAll);
  expect(await countKept()).toBe(4);
  expect(await listFailures(stack.warehouse.sql, { limit: 1 })).toEqual([]);
});

test('a first hour that is refused stays missing', async () => {
  await feed(1, { id: 'h' });
  await failureOf(stack.run(hourAt(1)));
  expect(await readIds()).toEqual(['f', 'g']);
  const results = await readResults(1);
  expect(results.map(({ visible }) => visible)).toEqual([false, false, false, false]);
});
