import { afterAll, beforeAll, expect, test } from 'vitest';
import { claimFence } from '../../warehouse/claim-fence.ts';
import type { Fence } from '../../warehouse/fence.ts';
import { openWarehouse } from '../../warehouse/open-warehouse.ts';
import { publish } from '../../warehouse/publish.ts';
import { WarehouseUnreachableError } from '../../warehouse/reach-warehouse.ts';
import { HOUR, createGate, createWarehouse, publicationOf } from './fixtures.ts';
import type { TestWarehouse } from './fixtures.ts';

const ROLE = `claimer_${process.pid}`;

let warehouse: TestWarehouse;

beforeAll(async () => {
  warehouse = await createWarehouse();
});
afterAll(async () => {
  await warehouse.sql`drop owned by ${warehouse.sql(ROLE)}`;
  await warehouse.sql`drop role ${warehouse.sql(ROLE)}`;
  await warehouse.close();
});

test('every claim is higher than those before, over all partitions', async () => {
  const fences: Fence[] = [];
  for (const hour of [0, 1, 0, 2, 1, 0])
    fences.push(await claimFence(warehouse, { ...HOUR, start: HOUR.start + hour * 3_600_000 }));
  expect(fences).toEqual(fences.toSorted((a, b) => a - b));
  expect(new Set(fences).size).toBe(6);
});

test('of many claims at once each gets its own number and the highest one holds', async () => {
  const fences = await Promise.all(Array.from({ length: 12 }, () => claimFence(warehouse, HOUR)));
  expect(new Set(fences).size).toBe(12);
  const [row] = await warehouse.sql`select fence from hourloom.fence where partition = ${new Date(HOUR.start)}`;
  expect(row).toEqual({ fence: Math.max(...fences) });
});

test('a role that may not end the session of an earlier attempt is told what to grant', async () => {
  await warehouse.sql`create role ${warehouse.sql(ROLE)} login`;
  await warehouse.sql`grant usage on schema hourloom to ${warehouse.sql(ROLE)}`;
  await warehouse.sql`grant select, insert, update on hourloom.fence to ${warehouse.sql(ROLE)}`;
  await warehouse.sql`grant usage on sequence hourloom.load_id to ${warehouse.sql(ROLE)}`;
  const address = new URL(warehouse.url);
  address.username = ROLE;
  const claimer = openWarehouse({ url: address.href, maxConnections: 1, applicationName: 'claimer' });

  const fence = await claimFence(warehouse, HOUR);
  const copied = createGate();
  const goOn = createGate();
  const check = async (): Promise<void> => {
    copied.open();
    await goOn.opened;
  };
  const published = publish(warehouse, publicationOf(fence, [{ id: 'a' }], { check }));
  await copied.opened;
  await expect(claimFence(claimer, HOUR)).rejects.toThrow(
    'An earlier attempt at fleet 2019-06-01T18:00:00Z is still loading, and this database role may not end its session. ' +
      'Let all workers use one role, or grant this one pg_signal_backend; then run the partition again.',
  );
  goOn.open();
  expect(await published).toMatchObject({ loadId: fence, outcome: 'published' });
  await claimer.close();
});

test('an unreachable warehouse is said in one sentence', async () => {
  const address = new URL(warehouse.url);
  address.port = '1';
  const gone = openWarehouse({ url: address.href, maxConnections: 1, applicationName: 'x' });
  await expect(claimFence(gone, HOUR)).rejects.toBeInstanceOf(WarehouseUnreachableError);
  await gone.close();
});
