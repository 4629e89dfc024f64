import { setMaxListeners } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPools } from '../../activities/make/pools.ts';
import { MIGRATIONS_FOLDER, migrateUp } from '../../warehouse/migrate.ts';
import { openWarehouse } from '../../warehouse/open-warehouse.ts';
import type { Warehouse } from '../../warehouse/open-warehouse.ts';
import { createDatabase } from '../support/services.ts';

const never = new AbortController().signal;
setMaxListeners(0, never);

let warehouse: Warehouse;
beforeAll(async () => {
  warehouse = openWarehouse({ url: await createDatabase(), maxConnections: 8, applicationName: 'hourloom test' });
  await migrateUp(warehouse, MIGRATIONS_FOLDER);
});
afterAll(() => warehouse.close());

test('turns come evenly, in the order in which they were asked for, to all of a process', async () => {
  const limit = { pool: 'process', perSecond: 50 };
  const pools = createPools(warehouse);
  const [one, two] = [pools.open(limit, never), pools.open(limit, never)];
  const turns: { readonly who: number; readonly at: number }[] = [];
  const take = async (who: number) => {
    await (who % 2 === 0 ? one : two).take();
    turns.push({ who, at: performance.now() });
  };
  await Promise.all(Array.from({ length: 10 }, (_, who) => take(who)));
  expect(turns.map(({ who }) => who)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(turns[9]!.at - turns[0]!.at).toBeGreaterThan(9 * 20 - 2);
});

test.for([20, 200])('two workers together get no more than %i turns a second', async (perSecond, { expect }) => {
  const limit = { pool: `workers ${perSecond}`, perSecond };
  const workers = [createPools(warehouse), createPools(warehouse)];
  const begun = performance.now();
  const turns = workers.flatMap((pools) =>
    Array.from({ length: perSecond / 4 }, () => pools.open(limit, never).take()),
  );
  await Promise.all(turns);
  // Half a second's worth; what is reserved together may come before the rest.
  expect(performance.now() - begun).toBeGreaterThan(500 - 2 * Math.max(20, 1_000 / perSecond));
});

test('who goes away takes no turn, and those behind neither wait for it nor come early', async () => {
  const limit = { pool: 'leaving', perSecond: 50 };
  const pools = createPools(warehouse);
  const leaving = new AbortController();
  setMaxListeners(0, leaving.signal);
  await pools.open(limit, never).take();
  const begun = performance.now();
  const gone = Promise.all(Array.from({ length: 100 }, () => pools.open(limit, leaving.signal).take()));
  const stays = pools.open(limit, never).take();
  leaving.abort(new Error('gone'));
  await expect(gone).rejects.toThrow('gone');
  await stays;
  expect(performance.now() - begun).toBeLessThan(1_000);
  expect(performance.now() - begun).toBeGreaterThan(18);
  await expect(pools.open(limit, leaving.signal).take()).rejects.toThrow('gone');
});

test('a pool that rests gives no worker a turn', async () => {
  const limit = { pool: 'resting', perSecond: 50 };
  const begun = performance.now();
  await createPools(warehouse).open(limit, never).rest(150);
  await createPools(warehouse).open(limit, never).take();
  expect(performance.now() - begun).toBeGreaterThanOrEqual(149);
});

test('a warehouse that does not answer fails who asks, and not who asks later', async () => {
  const pool = createPools(warehouse).open({ pool: 'broken', perSecond: 50 }, never);
  await warehouse.sql`alter table hourloom.pool rename to gone`;
  await expect(pool.take()).rejects.toThrow('relation "hourloom.pool" does not exist');
  await warehouse.sql`alter table hourloom.gone rename to pool`;
  await pool.take();
});

test('without a limit there is nothing to wait for but the end', async () => {
  const pools = createPools(warehouse);
  await expect(pools.open(undefined, AbortSignal.abort(new Error('over'))).take()).rejects.toThrow('over');
  await pools.open(undefined, never).take();
});
