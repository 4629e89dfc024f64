import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { AssetCode } from '../../model/asset-code.ts';
import { assertNewestCode, isOutdated } from '../../warehouse/assert-newest-code.ts';
import { claimFence } from '../../warehouse/claim-fence.ts';
import { publish } from '../../warehouse/publish.ts';
import { readDeploys } from '../../warehouse/read-deploys.ts';
import { registerDeploy } from '../../warehouse/register-deploy.ts';
import {
  CAR,
  createWarehouse,
  entryOf,
  EVENTS,
  HOUR,
  hexDigest,
  makeRows,
  publicationOf,
  readCars,
  TRIP,
} from './fixtures.ts';
import type { TestWarehouse } from './fixtures.ts';

let warehouse: TestWarehouse;
beforeAll(async () => {
  warehouse = await createWarehouse();
});
afterAll(() => warehouse.close());
beforeEach(async () => {
  await warehouse.sql`truncate hourloom.deploy`;
  await warehouse.sql`alter sequence hourloom.deploy_number restart`;
});

function codeOf(asset: AssetCode['asset'], text: string, more: Partial<AssetCode> = {}): AssetCode {
  return { asset, codeVersion: hexDigest(text), code: { text }, functionDigest: undefined, ...more };
}

const OLD = [codeOf(CAR.asset, CAR.asset), codeOf(TRIP.asset, 'trip 1')];
const NEW = [codeOf(CAR.asset, 'car 2'), codeOf(TRIP.asset, 'trip 1')];

test('a start raises the number of what changed, one more worker with the same code raises nothing', async () => {
  expect(await registerDeploy(warehouse, OLD)).toEqual({
    number: 1,
    changed: [CAR.asset, TRIP.asset],
    ...{ outdated: [], textChanged: [] },
  });
  expect(await registerDeploy(warehouse, OLD)).toEqual({
    ...{ number: undefined, changed: [], outdated: [], textChanged: [] },
  });
  expect(await registerDeploy(warehouse, NEW)).toMatchObject({ number: 2, changed: [CAR.asset], outdated: [] });
  expect((await readDeploys(warehouse.sql)).map(({ asset, number, code }) => [asset, number, code])).toEqual([
    [CAR.asset, 2, { text: 'car 2' }],
    [TRIP.asset, 1, { text: 'trip 1' }],
  ]);
});

test('older code that is started again changes nothing, unless one goes back to it', async () => {
  await registerDeploy(warehouse, OLD);
  await registerDeploy(warehouse, NEW);
  expect(await registerDeploy(warehouse, OLD)).toMatchObject({
    ...{ number: undefined, changed: [], outdated: [CAR.asset] },
  });
  expect(await isOutdated(warehouse.sql, [entryOf(CAR.asset, 0)])).toBe(true);

  expect(await registerDeploy(warehouse, OLD, { back: true })).toMatchObject({
    ...{ number: 3, changed: [CAR.asset], outdated: [] },
  });
  expect(await isOutdated(warehouse.sql, [entryOf(CAR.asset, 0)])).toBe(false);
  expect(await isOutdated(warehouse.sql, [{ asset: CAR.asset, codeVersion: hexDigest('car 2') }])).toBe(true);
  // And what was newer is what is old now.
  expect(await registerDeploy(warehouse, NEW)).toMatchObject({ number: undefined, outdated: [CAR.asset] });
});

test('code that is new as a whole is the newest, also where a part of it was there before', async () => {
  await registerDeploy(warehouse, OLD);
  await registerDeploy(warehouse, NEW);
  const reverted = [OLD[0]!, codeOf(TRIP.asset, 'trip 2')];
  expect(await registerDeploy(warehouse, reverted)).toMatchObject({ number: 3, changed: [CAR.asset, TRIP.asset] });
});

test('workers that start at once agree on one number each', async () => {
  const started = await Promise.all([OLD, NEW, OLD, NEW].map((codes) => registerDeploy(warehouse, codes)));
  const numbers = started.flatMap(({ number }) => number ?? []);
  expect(new Set(numbers).size).toBe(numbers.length);
  const newest = new Set((await readDeploys(warehouse.sql)).map(({ number }) => number));
  expect(newest.has(Math.max(...numbers))).toBe(true);
});

test('code that is not the newest publishes nothing, and what was visible stays', async () => {
  await registerDeploy(warehouse, OLD);
  await publish(warehouse, publicationOf(await claimFence(warehouse, HOUR), makeRows('old', 2)));
  await registerDeploy(warehouse, NEW);

  const fence = await claimFence(warehouse, HOUR);
  const newer = { ...entryOf(CAR.asset, 1), codeVersion: hexDigest('car 2') };
  await publish(warehouse, publicationOf(fence, makeRows('new', 1), { ledger: [newer] }));
  const before = await readCars(warehouse);
  expect(before).toEqual({ 'new-0': fence });

  const late = publicationOf(await claimFence(warehouse, HOUR), makeRows('old', 2));
  await expect(publish(warehouse, late)).rejects.toMatchObject({
    name: 'OutdatedWorkerError',
    asset: CAR.asset,
    deploy: 2,
    message: expect.stringContaining('start it with HOURLOOM_DEPLOY=back.') as string,
  });
  expect(await readCars(warehouse)).toEqual(before);
});

test('an asset that nobody deployed, and one whose code did not change, are published by any worker', async () => {
  await registerDeploy(warehouse, NEW);
  await assertNewestCode(warehouse.sql, [entryOf(EVENTS, 0), { asset: TRIP.asset, codeVersion: hexDigest('trip 1') }]);
  await expect(assertNewestCode(warehouse.sql, [entryOf(EVENTS, 0), entryOf(CAR.asset, 0)])).rejects.toMatchObject({
    name: 'OutdatedWorkerError',
  });
});

test('a function with another text under one version is told, once for each deploy', async () => {
  const withText = (text: string) => [codeOf(CAR.asset, 'car', { functionDigest: hexDigest(text) })];
  await registerDeploy(warehouse, withText('one'));
  expect(await registerDeploy(warehouse, withText('two'))).toEqual({
    ...{ number: undefined, changed: [], outdated: [] },
    textChanged: [CAR.asset],
  });
  expect(await registerDeploy(warehouse, withText('two'))).toMatchObject({ textChanged: [] });
});

test('of a description that is too large the columns are kept, or nothing', async () => {
  const columns = [{ name: 'id', type: 'text' }];
  const huge = 'x'.repeat(70_000);
  await registerDeploy(warehouse, [
    codeOf(CAR.asset, 'car', { code: { columns, contract: huge } }),
    codeOf(TRIP.asset, 'trip', { code: { columns: [huge] } }),
  ]);
  expect((await readDeploys(warehouse.sql)).map(({ code }) => code)).toEqual([
    { tooLarge: true, columns, key: null },
    { tooLarge: true },
  ]);
});
