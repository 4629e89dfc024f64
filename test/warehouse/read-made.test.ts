import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { AssetKey } from '../../model/asset-key.ts';
import type { WindowKind } from '../../model/window.ts';
import type { Warehouse } from '../../warehouse/open-warehouse.ts';
import { readMade } from '../../warehouse/read-made.ts';
import type { MadeQuestion } from '../../warehouse/read-made.ts';
import { readMadeRanges } from '../../warehouse/read-made-ranges.ts';
import { summarizeAsset } from '../../warehouse/summarize-asset.ts';
import { createWarehouse, hexDigest, insertMade } from './fixtures.ts';
import type { MadeRow } from './fixtures.ts';

const HOUR_MS = 3_600_000;
const START = Date.parse('2019-06-01T00:00:00Z');
const FIRST = START / HOUR_MS;
const EVER = { start: 0, end: Date.parse('2100-01-01T00:00:00Z') };

const CAR = 'fleet/car' as AssetKey;
const TRIP = 'fleet/trip' as AssetKey;
const EVENTS = 'fleet/events' as AssetKey;
const OLD = hexDigest('old');
const NEW = hexDigest('new');

let warehouse: Warehouse;

beforeAll(async () => {
  warehouse = await createWarehouse();
});
afterAll(() => warehouse.close());
beforeEach(async () => {
  await warehouse.sql`truncate hourloom.materialization`;
});

function startOf(hour: number): number {
  return START + hour * HOUR_MS;
}

function made(asset: AssetKey, hours: readonly number[], more: Partial<MadeRow> = {}): readonly MadeRow[] {
  return hours.map((hour) => ({ asset, start: startOf(hour), codeVersion: NEW, ...more }));
}

describe('the states of an asset', () => {
  test('of one that was never made are all zero', async () => {
    expect(await summarizeAsset(warehouse.sql, { asset: CAR, codeVersion: NEW })).toEqual({
      made: 0,
      fresh: 0,
      empty: 0,
      stale: 0,
      oldest: undefined,
      newest: undefined,
    });
  });

  test('are counted of what is visible: stale by other code, else empty, else fresh', async () => {
    await insertMade(warehouse, [
      ...made(CAR, [0, 1], { codeVersion: OLD }),
      ...made(CAR, [2], { codeVersion: OLD, rowCount: 0 }),
      ...made(CAR, [4], { rowCount: 0 }),
      ...made(CAR, [5, 6, 9]),
      ...made(TRIP, [0, 30]),
      ...made(CAR, [40], { loadId: 2 }),
    ]);
    await warehouse.sql`update hourloom.materialization set visible = false where load_id = 2`;
    const states = { made: 7, fresh: 3, empty: 1, stale: 3, oldest: startOf(0), newest: startOf(9) };
    expect(await summarizeAsset(warehouse.sql, { asset: CAR, codeVersion: NEW })).toEqual(states);
    expect(
      await summarizeAsset(warehouse.sql, {
        asset: CAR,
        codeVersion: NEW,
        within: { start: startOf(2), end: startOf(9) },
      }),
    ).toEqual({ made: 4, fresh: 2, empty: 1, stale: 1, oldest: startOf(2), newest: startOf(6) });
  });

  test('a merged object is empty when there was no file, not when there was no row', async () => {
    await insertMade(warehouse, [
      ...made(EVENTS, [0], { rowCount: 0, counts: { listed: 0 } }),
      ...made(EVENTS, [1], { rowCount: 0, counts: { listed: 3 } }),
    ]);
    expect(await summarizeAsset(warehouse.sql, { asset: EVENTS, codeVersion: NEW })).toMatchObject({
      fresh: 1,
      empty: 1,
    });
  });

  test('are answered from the index alone', async () => {
    await warehouse.sql`
      insert into hourloom.materialization (
        load_id, pipeline, asset, partition, input_digest, code_version, row_count, counts, visible, published_at
      )
      select
        hour, 'fleet', asset, to_timestamp(hour * 3600), sha256('input'), sha256('new'), hour, '{}', true, now()
      from generate_series(1, 5000) as hour
      cross join (values (${CAR}), (${TRIP}), (${EVENTS})) as named (asset)
    `;
    await warehouse.sql`vacuum analyze hourloom.materialization`;
    expect(await summarizeAsset(warehouse.sql, { asset: CAR, codeVersion: NEW })).toMatchObject({ fresh: 5_000 });
    const plan = await warehouse.sql<{ 'QUERY PLAN': string }[]>`
      explain
      select count(*) filter (where empty and code_version = sha256('new'))
      from hourloom.materialization
      where asset = 'fleet/car'
        and visible
    `;
    expect(plan.map((line) => line['QUERY PLAN']).join('\n')).toContain(
      'Index Only Scan using materialization_one_visible',
    );
  });
});

describe('ranges of made windows', () => {
  const ranges = (assets: readonly AssetKey[], window: WindowKind | undefined, within = EVER) =>
    readMadeRanges(warehouse.sql, { assets, window, within });

  test('are cut where a window is missing, the code differs, or the question ends', async () => {
    await insertMade(warehouse, [
      ...made(CAR, [0, 1, 2]),
      ...made(CAR, [3, 4], { codeVersion: OLD }),
      ...made(CAR, [5]),
      ...made(CAR, [7, 8, 9]),
      ...made(TRIP, [1]),
      ...made(EVENTS, [0, 1, 2, 3]),
    ]);
    const expected = [
      { asset: CAR, codeVersion: NEW, from: FIRST + 1, to: FIRST + 3 },
      { asset: CAR, codeVersion: OLD, from: FIRST + 3, to: FIRST + 5 },
      { asset: CAR, codeVersion: NEW, from: FIRST + 5, to: FIRST + 6 },
      { asset: CAR, codeVersion: NEW, from: FIRST + 7, to: FIRST + 9 },
      { asset: TRIP, codeVersion: NEW, from: FIRST + 1, to: FIRST + 2 },
    ];
    const within = { start: startOf(1), end: startOf(9) };
    expect(await ranges([CAR, TRIP], { unit: 'hour' }, within)).toEqual(expected);
    expect(await ranges([], { unit: 'hour' })).toEqual([]);
  });

  test('hold for days, months of any length, and windows of minutes', async () => {
    const months = ['2019-11', '2019-12', '2020-01', '2020-02', '2020-03', '2020-05'].map((month) => Date.parse(month));
    await insertMade(
      warehouse,
      months.map((start) => ({ asset: CAR, start, codeVersion: NEW })),
    );
    expect(await ranges([CAR], { unit: 'month' })).toMatchObject([
      { from: 598, to: 603 },
      { from: 604, to: 605 },
    ]);
    await warehouse.sql`truncate hourloom.materialization`;
    const ms = 15 * 60_000;
    await insertMade(
      warehouse,
      [0, 1, 2, 96, 192].map((index) => ({ asset: CAR, start: index * ms, codeVersion: NEW })),
    );
    expect(await ranges([CAR], { unit: 'every', ms })).toMatchObject([
      { from: 0, to: 3 },
      { from: 96, to: 97 },
      { from: 192, to: 193 },
    ]);
    expect(await ranges([CAR], { unit: 'day' }, { start: 24 * HOUR_MS, end: EVER.end })).toMatchObject([
      { from: 1, to: 3 },
    ]);
  });

  test('of an asset without partitions are its one', async () => {
    await insertMade(warehouse, [{ asset: CAR, start: 0, codeVersion: NEW }]);
    expect(await ranges([CAR], undefined, { start: 0, end: 1 })).toEqual([
      { asset: CAR, codeVersion: NEW, from: 0, to: 1 },
    ]);
  });
});

describe('reading what is made page by page', () => {
  async function readStarts(question: Partial<MadeQuestion>): Promise<readonly (readonly number[])[]> {
    const pages: (readonly number[])[] = [];
    for await (const page of readMade(warehouse.sql, { asset: CAR, within: EVER, ...question }))
      pages.push(page.map(({ start }) => (start - START) / HOUR_MS));
    return pages;
  }

  test('says of each partition what the ledger says', async () => {
    await insertMade(warehouse, made(CAR, [3], { loadId: 7, rowCount: 5, counts: { good: 5 }, publishedAt: 9_000 }));
    for await (const page of readMade(warehouse.sql, { asset: CAR, within: EVER })) {
      expect(page).toEqual([
        {
          asset: CAR,
          start: startOf(3),
          loadId: 7,
          inputDigest: hexDigest('input'),
          codeVersion: NEW,
          rowCount: 5,
          counts: { good: 5 },
          objectKey: undefined,
          publishedAt: 9_000,
        },
      ]);
    }
  });

  test('comes in order, from either end, each once', async () => {
    await insertMade(warehouse, [...made(CAR, [5, 1, 2, 9, 4]), ...made(TRIP, [3])]);
    expect(await readStarts({})).toEqual([[1, 2, 4, 5, 9]]);
    expect(await readStarts({ pageSize: 2 })).toEqual([[1, 2], [4, 5], [9]]);
    expect(await readStarts({ pageSize: 2, order: 'newest' })).toEqual([[9, 5], [4, 2], [1]]);
    const within = { start: startOf(2), end: startOf(9) };
    expect(await readStarts({ within, pageSize: 3 })).toEqual([[2, 4, 5]]);
    expect(await readStarts({ within, order: 'newest' })).toEqual([[5, 4, 2]]);
    expect(await readStarts({ asset: EVENTS })).toEqual([]);
  });

  test('gives at most 5,000 at once, however many are asked for', async () => {
    await warehouse.sql`
      insert into hourloom.materialization (
        load_id, pipeline, asset, partition, input_digest, code_version, row_count, counts, visible, published_at
      )
      select
        hour, 'fleet', 'fleet/car', to_timestamp(hour * 3600), sha256('input'), sha256('new'), 1, '{}', true, now()
      from generate_series(1, 10001) as hour
    `;
    expect((await readStarts({ pageSize: 100_000 })).map((page) => page.length)).toEqual([5_000, 5_000, 1]);
  });
});
