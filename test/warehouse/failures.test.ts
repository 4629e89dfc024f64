import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { PipelineName } from '../../model/asset-key.ts';
import { claimFence } from '../../warehouse/claim-fence.ts';
import { countNewestFailures } from '../../warehouse/count-newest-failures.ts';
import { listFailures } from '../../warehouse/list-failures.ts';
import type { Warehouse } from '../../warehouse/open-warehouse.ts';
import { publish } from '../../warehouse/publish.ts';
import { readFailedRanges } from '../../warehouse/read-failed-ranges.ts';
import { recordFailure } from '../../warehouse/record-failure.ts';
import { CAR, HOUR, createWarehouse, hexDigest, insertMade, publicationOf } from './fixtures.ts';

const HOUR_MS = 3_600_000;
const FAILURE = { reason: 'the bucket was gone', retryable: true };

let warehouse: Warehouse;

beforeAll(async () => {
  warehouse = await createWarehouse();
});
afterAll(() => warehouse.close());
beforeEach(async () => {
  await warehouse.sql`truncate hourloom.fence, fleet.car, hourloom.materialization, hourloom.last_failure`;
});

function startOf(hour: number): number {
  return HOUR.start + hour * HOUR_MS;
}

async function fail(hour: number, pipeline = HOUR.pipeline): Promise<number> {
  return recordFailure(warehouse, { pipeline, start: startOf(hour) }, FAILURE);
}

async function succeed(hour: number): Promise<void> {
  const partition = { ...HOUR, start: startOf(hour) };
  const fence = await claimFence(warehouse, partition);
  await publish(warehouse, publicationOf(fence, [{ id: `${hour}` }], { partition }));
}

test('failures of a partition are counted from its last publish on, each run once', async () => {
  expect(await recordFailure(warehouse, HOUR, { ...FAILURE, runId: 'a' })).toBe(1);
  expect(await recordFailure(warehouse, HOUR, { ...FAILURE, runId: 'a' })).toBe(1);
  expect(await recordFailure(warehouse, HOUR, { ...FAILURE, runId: 'b' })).toBe(2);
  expect(await fail(0)).toBe(3);
  expect(await fail(0)).toBe(4);
  expect(await recordFailure(warehouse, HOUR, { ...FAILURE, runId: 'b' })).toBe(5);
  expect(await fail(1)).toBe(1);
  await succeed(0);
  expect(await fail(0)).toBe(1);
});

test('what was tried is kept with the failure of the last run', async () => {
  await recordFailure(warehouse, HOUR, { ...FAILURE, tried: hexDigest('input and code') });
  expect(await listFailures(warehouse.sql, { limit: 1 })).toMatchObject([{ tried: hexDigest('input and code') }]);
  await recordFailure(warehouse, HOUR, FAILURE);
  expect(await listFailures(warehouse.sql, { limit: 1 })).toMatchObject([{ tried: undefined, attempts: 2 }]);
});

test('failures are listed of one pipeline and of a time', async () => {
  for (const hour of [0, 1, 2]) await fail(hour);
  await fail(1, 'retail' as PipelineName);
  const list = async (question: Omit<Parameters<typeof listFailures>[1], 'limit'>) =>
    (await listFailures(warehouse.sql, { ...question, limit: 10 })).map(({ partition: { pipeline, start } }) => [
      pipeline,
      (start - HOUR.start) / HOUR_MS,
    ]);
  const within = { start: startOf(1), end: startOf(2) };
  expect(await list({})).toHaveLength(4);
  expect(await list({ within })).toEqual([
    ['retail', 1],
    ['fleet', 1],
  ]);
  expect(await list({ pipeline: HOUR.pipeline, within })).toEqual([['fleet', 1]]);
});

test('failed windows are read as ranges', async () => {
  for (const hour of [3, 0, 1, 2, 5, 7, 8]) await fail(hour);
  await fail(4, 'retail' as PipelineName);
  const from = startOf(0) / HOUR_MS;
  const question = { pipeline: HOUR.pipeline, window: { unit: 'hour' } } as const;
  expect(
    await readFailedRanges(warehouse.sql, { ...question, within: { start: startOf(1), end: startOf(8) } }),
  ).toEqual([
    { from: from + 1, to: from + 4 },
    { from: from + 5, to: from + 6 },
    { from: from + 7, to: from + 8 },
  ]);
  expect(await readFailedRanges(warehouse.sql, { ...question, within: { start: 0, end: 1 } })).toEqual([]);
});

test('the newest failures in a row are those after the newest window that is made and did not fail since', async () => {
  const newest = (before: number, limit = 10): Promise<number> =>
    countNewestFailures(warehouse.sql, { pipeline: HOUR.pipeline, before: startOf(before), limit });
  expect(await newest(9)).toBe(0);
  await fail(0);
  await succeed(1);
  expect(await newest(9)).toBe(0);
  await fail(2);
  // 3 was never run: it breaks no row.
  await fail(4);
  await fail(5, 'retail' as PipelineName);
  expect(await newest(9)).toBe(2);
  expect(await newest(4)).toBe(1);
  expect(await newest(9, 1)).toBe(1);
  // Made once, and failed when it was made again.
  await succeed(5);
  expect(await newest(9)).toBe(0);
  await fail(5);
  expect(await newest(9)).toBe(3);
  await succeed(4);
  expect(await newest(9)).toBe(1);
});

test('old windows that fail are no news where newer ones are made', async () => {
  await insertMade(warehouse, [{ asset: CAR.asset, start: startOf(100) }]);
  for (const hour of [0, 1, 2, 3, 4]) await fail(hour);
  expect(await countNewestFailures(warehouse.sql, { pipeline: HOUR.pipeline, before: startOf(101), limit: 5 })).toBe(0);
});
