import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { AssetKey } from '../../model/asset-key.ts';
import { digestInputs } from '../../warehouse/digest-inputs.ts';
import type { Warehouse } from '../../warehouse/open-warehouse.ts';
import { createWarehouse, hexDigest, insertMade } from './fixtures.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const DAY = Date.parse('2019-06-01T00:00:00Z');

const CAR = 'fleet/car' as AssetKey;
const CAR_PARK = 'fleet/car_park' as AssetKey;
const WHOLE = 'fleet/whole' as AssetKey;

let warehouse: Warehouse;

beforeAll(async () => {
  warehouse = await createWarehouse();
});
afterAll(() => warehouse.close());
beforeEach(async () => {
  await warehouse.sql`truncate hourloom.materialization`;
});

/** The inputs of the nth day. */
function dayOf(asset: AssetKey, day = 0) {
  return { asset, start: DAY + day * DAY_MS, end: DAY + (day + 1) * DAY_MS };
}

test('the digest is sha256 over the visible loads that start within, sorted by asset and start', async () => {
  await insertMade(warehouse, [
    { asset: CAR_PARK, start: DAY, loadId: 12 },
    { asset: CAR, start: DAY + 10 * HOUR_MS, loadId: 3, publishedAt: 7_000 },
    { asset: CAR, start: DAY + 9 * HOUR_MS, loadId: 11 },
    { asset: CAR, start: DAY - HOUR_MS, loadId: 5 },
    { asset: CAR, start: DAY + DAY_MS, loadId: 6, publishedAt: 9_000 },
  ]);
  await warehouse.sql`update hourloom.materialization set published_at = '1970-01-01T00:00:01Z' where load_id > 6`;
  const lines = [`fleet/car ${DAY + 9 * HOUR_MS} 11`, `fleet/car ${DAY + 10 * HOUR_MS} 3`, `fleet/car_park ${DAY} 12`];
  expect(
    await digestInputs(warehouse.sql, [[dayOf(CAR_PARK), dayOf(CAR)], [dayOf(CAR, 1)], [dayOf(CAR, 2)], []]),
  ).toEqual([
    { digest: hexDigest(lines.join('\n')), made: 3, publishedAt: 7_000 },
    { digest: hexDigest(`fleet/car ${DAY + DAY_MS} 6`), made: 1, publishedAt: 9_000 },
    { digest: hexDigest(''), made: 0, publishedAt: undefined },
    { digest: hexDigest(''), made: 0, publishedAt: undefined },
  ]);
});

test('the digest changes when an input is made again, comes or goes, and only then', async () => {
  const seen: (string | undefined)[] = [];
  const look = async (): Promise<void> => {
    const [input] = await digestInputs(warehouse.sql, [[dayOf(CAR)]]);
    seen.push(input?.digest);
  };
  await look();
  await insertMade(warehouse, [{ asset: CAR, start: DAY, loadId: 1 }]);
  await look();
  await warehouse.sql`update hourloom.materialization set visible = false`;
  await insertMade(warehouse, [{ asset: CAR, start: DAY, loadId: 2 }]);
  await look();
  await insertMade(warehouse, [{ asset: CAR_PARK, start: DAY, loadId: 3 }]);
  await look();
  await warehouse.sql`update hourloom.materialization set visible = false`;
  await look();
  const [none, first, again] = seen;
  expect(seen).toEqual([none, first, again, again, none]);
  expect(new Set(seen).size).toBe(3);
});

test('an asset without partitions is an input like any other', async () => {
  await insertMade(warehouse, [{ asset: WHOLE, start: 0, loadId: 4, publishedAt: 5_000 }]);
  expect(await digestInputs(warehouse.sql, [[{ asset: WHOLE, start: 0, end: 1 }]])).toEqual([
    { digest: hexDigest('fleet/whole 0 4'), made: 1, publishedAt: 5_000 },
  ]);
});

test('asked about more than 5,000 partitions at once it refuses, asked about none it gives none', async () => {
  await expect(
    digestInputs(
      warehouse.sql,
      Array.from({ length: 5_001 }, () => []),
    ),
  ).rejects.toThrow('at most 5000 partitions');
  expect(await digestInputs(warehouse.sql, [])).toEqual([]);
});
