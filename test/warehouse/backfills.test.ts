import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { PipelineName } from '../../model/asset-key.ts';
import type { IndexRanges } from '../../model/index-ranges.ts';
import type { BackfillState, PlannedRequest } from '../../warehouse/backfill.ts';
import { insertBackfill } from '../../warehouse/insert-backfill.ts';
import { listBackfills, listOpenBackfills } from '../../warehouse/list-backfills.ts';
import type { Warehouse } from '../../warehouse/open-warehouse.ts';
import { readBackfill } from '../../warehouse/read-backfill.ts';
import { updateBackfill } from '../../warehouse/update-backfill.ts';
import { createWarehouse } from './fixtures.ts';

const FLEET = 'fleet' as PipelineName;
const RETAIL = 'retail' as PipelineName;

let warehouse: Warehouse;

beforeAll(async () => {
  warehouse = await createWarehouse();
});
afterAll(() => warehouse.close());
beforeEach(async () => {
  await warehouse.sql`truncate hourloom.backfill`;
});

function requestOf(id: string, ranges: IndexRanges, pipeline = FLEET): PlannedRequest {
  return { id, pipeline, asked: { from: 0, to: 100, only: 'missing', order: 'oldest', width: 8 }, ranges };
}

test('a request is accepted once by its id, whatever it asks for the second time', async () => {
  const request = requestOf('one', [{ from: 10, to: 20 }]);
  const first = await insertBackfill(warehouse, request);
  expect(first).toEqual({
    backfill: { ...request, state: 'accepted', counts: {}, createdAt: expect.any(Number), endedAt: undefined },
    isNew: true,
  });
  expect(await insertBackfill(warehouse, requestOf('one', [{ from: 0, to: 5 }]))).toEqual({ ...first, isNew: false });
  expect(await readBackfill(warehouse.sql, 'one')).toEqual(first.backfill);
  expect(await readBackfill(warehouse.sql, 'two')).toBeUndefined();
});

test('a request takes only what no open backfill of its pipeline has', async () => {
  await insertBackfill(warehouse, requestOf('one', [{ from: 10, to: 20 }]));
  await insertBackfill(warehouse, requestOf('other', [{ from: 0, to: 100 }], RETAIL));
  const { backfill } = await insertBackfill(warehouse, requestOf('two', [{ from: 5, to: 30 }]));
  expect(backfill.ranges).toEqual([
    { from: 5, to: 10 },
    { from: 20, to: 30 },
  ]);
  expect((await insertBackfill(warehouse, requestOf('three', [{ from: 8, to: 22 }]))).backfill.ranges).toEqual([]);

  await updateBackfill(warehouse, 'one', { state: 'cancelled', counts: {} });
  expect((await insertBackfill(warehouse, requestOf('four', [{ from: 8, to: 22 }]))).backfill.ranges).toEqual([
    { from: 10, to: 20 },
  ]);
});

test('of requests at the same time every window falls to one', async () => {
  const ids = Array.from({ length: 12 }, (_, index) => `r${index % 6}`);
  const inserted = await Promise.all(
    ids.map((id, index) => insertBackfill(warehouse, requestOf(id, [{ from: index, to: index + 50 }]))),
  );
  expect(inserted.filter(({ isNew }) => isNew)).toHaveLength(6);
  const windows = (await listBackfills(warehouse.sql, { limit: 100 })).flatMap(({ ranges }) =>
    ranges.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, index) => from + index)),
  );
  expect(new Set(windows).size).toBe(windows.length);
});

test('a backfill says where it stands until it has ended, and then stays so', async () => {
  await insertBackfill(warehouse, requestOf('one', []));
  expect(await updateBackfill(warehouse, 'one', { state: 'running', counts: { done: 1 } })).toBe(true);
  expect(await readBackfill(warehouse.sql, 'one')).toMatchObject({ state: 'running', counts: { done: 1 } });
  expect(await updateBackfill(warehouse, 'one', { state: 'paused', counts: { done: 2 } })).toBe(true);
  expect(await updateBackfill(warehouse, 'one', { state: 'done', counts: { done: 3 } })).toBe(true);
  const ended = await readBackfill(warehouse.sql, 'one');
  expect(ended).toMatchObject({ state: 'done', counts: { done: 3 }, endedAt: expect.any(Number) });
  expect(await updateBackfill(warehouse, 'one', { state: 'running', counts: { done: 4 } })).toBe(false);
  expect(await readBackfill(warehouse.sql, 'one')).toEqual(ended);
  expect(await updateBackfill(warehouse, 'two', { state: 'running', counts: {} })).toBe(false);
});

test('open ones are listed oldest first, all of them newest first', async () => {
  for (const id of ['c', 'a', 'b']) await insertBackfill(warehouse, requestOf(id, []));
  await insertBackfill(warehouse, requestOf('d', [], RETAIL));
  await updateBackfill(warehouse, 'a', { state: 'failed', counts: {} });
  const ids = (list: readonly { readonly id: string }[]): readonly string[] => list.map(({ id }) => id);
  expect(ids(await listOpenBackfills(warehouse.sql, FLEET))).toEqual(['c', 'b']);
  expect(ids(await listBackfills(warehouse.sql, { limit: 3 }))).toEqual(['d', 'b', 'a']);
  expect(ids(await listBackfills(warehouse.sql, { pipeline: FLEET, limit: 9 }))).toEqual(['b', 'a', 'c']);
});

test('the table refuses a state that is none', async () => {
  await insertBackfill(warehouse, requestOf('one', []));
  const state = 'lost' as BackfillState;
  await expect(updateBackfill(warehouse, 'one', { state, counts: {} })).rejects.toMatchObject({
    constraint_name: 'backfill_state_is_known',
  });
});
