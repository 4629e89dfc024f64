import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { HealthState } from '../../model/health.ts';
import { claimAlerts } from '../../warehouse/claim-alerts.ts';
import { MIGRATIONS_FOLDER, migrateUp } from '../../warehouse/migrate.ts';
import { noteHealth } from '../../warehouse/note-health.ts';
import { openWarehouse } from '../../warehouse/open-warehouse.ts';
import type { Warehouse } from '../../warehouse/open-warehouse.ts';
import { readWaitingAlerts } from '../../warehouse/read-waiting-alerts.ts';
import { postponeAlert, settleAlert } from '../../warehouse/settle-alert.ts';
import { createDatabase } from '../support/services.ts';

const ASSET = 'fleet/car';
const T0 = Date.parse('2026-11-21T12:00:00Z');
const CLAIM = { limit: 10, holdMs: 60_000 };

let warehouse: Warehouse;
let clock: number;

beforeAll(async () => {
  warehouse = openWarehouse({ url: await createDatabase(), maxConnections: 8, applicationName: 'test' });
  await migrateUp(warehouse, MIGRATIONS_FOLDER);
});
afterAll(() => warehouse.close());
beforeEach(async () => {
  await warehouse.sql`truncate hourloom.health`;
  clock = T0;
});

/** Notes the state a second after the one before. */
function note(state: HealthState, asset = ASSET): Promise<number | undefined> {
  clock += 1_000;
  return noteHealth(warehouse.sql, {
    asset,
    state,
    why: `It is ${state}.`,
    partition: '2026-11-21T11',
    lookedAt: clock,
  });
}

/** Lets claims and waits end. */
const makeDue = () => warehouse.sql`update hourloom.health set next_try_at = '-infinity'`;
const claim = () => claimAlerts(warehouse.sql, CLAIM);

test('a change of health is one alert, which says what was told before', async () => {
  expect(await note('healthy')).toBe(2);
  expect(await claim()).toEqual([]);
  expect(await note('failing')).toBe(3);
  expect(await note('failing')).toBeUndefined();
  const [alert, ...others] = await claim();
  expect(others).toEqual([]);
  expect(alert).toEqual({
    id: 'fleet/car/3',
    asset: ASSET,
    from: 'healthy',
    to: 'failing',
    why: 'It is failing.',
    partition: '2026-11-21T11',
    at: '2026-11-21T12:00:02.000Z',
    change: 3,
    attempts: 1,
  });
  await settleAlert(warehouse.sql, alert!);
  await makeDue();
  expect(await claim()).toEqual([]);
});

test('an asset that is seen for the first time is news only where something is wrong', async () => {
  await note('healthy', 'fleet/a');
  await note('unknown', 'fleet/b');
  await note('failing', 'fleet/c');
  expect((await claim()).map(({ asset, from, to }) => ({ asset, from, to }))).toEqual([
    { asset: 'fleet/c', from: 'unknown', to: 'failing' },
  ]);
});

test('twenty that note one change at once make one, and twenty that claim it at once get it once', async () => {
  await note('healthy');
  const lookedAt = clock + 1_000;
  const changed = { asset: ASSET, state: 'failing', why: 'It fell.', partition: null, lookedAt } as const;
  const changes = await Promise.all(Array.from({ length: 20 }, () => noteHealth(warehouse.sql, changed)));
  expect(changes.filter((change) => change !== undefined)).toEqual([3]);
  const claimed = (await Promise.all(Array.from({ length: 20 }, claim))).flat();
  expect(claimed.map(({ id }) => id)).toEqual(['fleet/car/3']);
});

test('what was looked at earlier does not overwrite what was seen later', async () => {
  await note('failing');
  const lookedAt = T0;
  const old = { asset: ASSET, state: 'healthy', why: 'It was well.', partition: null, lookedAt } as const;
  expect(await noteHealth(warehouse.sql, old)).toBeUndefined();
  expect((await claim()).map(({ to }) => to)).toEqual(['failing']);
});

test('an alert that was not taken waits, the longer the more often, and is told again under its id', async () => {
  await note('failing');
  for (const [attempts, seconds] of [
    [1, 15],
    [2, 30],
    [3, 60],
  ]) {
    const [alert] = await claim();
    expect(alert).toMatchObject({ id: 'fleet/car/2', attempts });
    await postponeAlert(warehouse.sql, alert!, 'it answered 503');
    const [row] = await warehouse.sql<[{ wait: number }]>`
      select round(extract(epoch from next_try_at - clock_timestamp()))::int as wait from hourloom.health
    `;
    expect(row.wait).toBe(seconds);
    expect(await claim()).toEqual([]);
    await makeDue();
  }
  expect(await readWaitingAlerts(warehouse.sql)).toEqual({ count: 1, since: clock, problem: 'it answered 503' });
});

test('after an outage of the receiver the latest state alone is told', async () => {
  await note('warning');
  const [first] = await claim();
  await postponeAlert(warehouse.sql, first!, 'it answered 503');
  for (const state of ['failing', 'warning', 'failing'] as const) await note(state);
  expect((await claim()).map(({ id, to }) => ({ id, to }))).toEqual([{ id: 'fleet/car/5', to: 'failing' }]);
});

test('what is over before anybody was told is not told; what may have been heard is taken back', async () => {
  await note('healthy');
  await note('failing');
  await note('healthy');
  expect(await claim()).toEqual([]);

  await note('failing');
  const [tried] = await claim();
  await postponeAlert(warehouse.sql, tried!, 'it did not answer within 10 seconds');
  await note('healthy');
  expect(await claim()).toMatchObject([{ from: 'failing', to: 'healthy' }]);
});

test('a state that changes while it is being told is told next', async () => {
  await note('healthy');
  await note('failing');
  const [failing] = await claim();
  await note('healthy');
  await settleAlert(warehouse.sql, failing!);
  const [healthy] = await claim();
  expect(healthy).toMatchObject({ from: 'failing', to: 'healthy' });
  await settleAlert(warehouse.sql, healthy!);
  await makeDue();
  expect(await claim()).toEqual([]);
  expect(await readWaitingAlerts(warehouse.sql)).toBeUndefined();
});

test('a worker that died lets its claim go, and one that can tell of some pipelines takes theirs alone', async () => {
  await note('failing', 'fleet/car');
  await note('failing', 'shop');
  const holdMs = 0;
  const take = (groups: readonly string[]) => claimAlerts(warehouse.sql, { groups, limit: 10, holdMs });
  expect((await take(['shop'])).map(({ id }) => id)).toEqual(['shop/2']);
  expect((await take(['shop'])).map(({ id, attempts }) => `${id} ${attempts}`)).toEqual(['shop/2 2']);
  expect((await claim()).map(({ id }) => id)).toEqual(['fleet/car/2', 'shop/2']);
});
