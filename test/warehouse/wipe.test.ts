import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Window } from '../../model/window.ts';
import { claimFence } from '../../warehouse/claim-fence.ts';
import { FencedError } from '../../warehouse/fence.ts';
import type { Warehouse } from '../../warehouse/open-warehouse.ts';
import { publish } from '../../warehouse/publish.ts';
import type { Published } from '../../warehouse/publish.ts';
import { WarehouseUnreachableError } from '../../warehouse/reach-warehouse.ts';
import { readVisible } from '../../warehouse/read-ledger.ts';
import { wipe } from '../../warehouse/wipe.ts';
import type { WipeQuestion, WipedPartition } from '../../warehouse/wipe.ts';
import {
  CAR,
  EVENTS,
  HOUR,
  TRIP,
  copyOf,
  createGate,
  createWarehouse,
  entryOf,
  insertMade,
  publicationOf,
  readCars,
  stageQuarantine,
} from './fixtures.ts';

const HOUR_MS = 3_600_000;
const EVER: Window = { start: 0, end: Date.parse('2100-01-01T00:00:00Z') };
const CARS: WipeQuestion = { asset: CAR.asset, table: CAR, within: EVER };

let warehouse: Warehouse;

beforeAll(async () => {
  warehouse = await createWarehouse();
});
afterAll(() => warehouse.close());
beforeEach(async () => {
  await warehouse.sql`
    truncate fleet.car, fleet.trip, hourloom.fence, hourloom.materialization, hourloom.quarantine, hourloom.last_failure
  `;
});

function startOf(hour: number): number {
  return HOUR.start + hour * HOUR_MS;
}

/** Two cars, one trip, the merged object, and two records of cars that are held back. */
async function publishHour(hour: number): Promise<Published> {
  const partition = { ...HOUR, start: startOf(hour) };
  return publish(warehouse, {
    partition,
    fence: await claimFence(warehouse, partition),
    copies: [copyOf(CAR, [{ id: `${hour}-a` }, { id: `${hour}-b` }]), copyOf(TRIP, [{ id: `${hour}-t` }])],
    quarantine: stageQuarantine([3, 5]),
    ledger: [
      { ...entryOf(EVENTS, 0), objectKey: 'raw/fleet/1.jsonl.gz' },
      entryOf(CAR.asset, 2),
      entryOf(TRIP.asset, 1),
    ],
  });
}

async function wipeAll(question: WipeQuestion): Promise<readonly WipedPartition[]> {
  const wiped: WipedPartition[] = [];
  for await (const partition of wipe(warehouse, question)) wiped.push(partition);
  return wiped;
}

test('rows, what is held back and ledger of the asset go over the range, and nothing else', async () => {
  const { loadId: kept } = await publishHour(0);
  const { loadId: first } = await publishHour(1);
  await publishHour(2);
  const { loadId: after } = await publishHour(3);
  expect(await wipeAll({ ...CARS, within: { start: startOf(1), end: startOf(3) } })).toEqual([
    { start: startOf(1), rows: 2 },
    { start: startOf(2), rows: 2 },
  ]);

  expect(await readCars(warehouse)).toEqual({ '0-a': kept, '0-b': kept, '3-a': after, '3-b': after });
  expect(await warehouse.sql`select id from fleet.trip order by id`).toEqual(
    ['0-t', '1-t', '2-t', '3-t'].map((id) => ({ id })),
  );
  expect(await warehouse.sql`select distinct load_id from hourloom.quarantine order by load_id`).toEqual([
    { load_id: kept },
    { load_id: after },
  ]);
  expect(await readVisible(warehouse.sql, { ...HOUR, start: startOf(1) })).toMatchObject([
    { asset: EVENTS, loadId: first },
    { asset: TRIP.asset, loadId: first },
  ]);
  // Its history stays.
  expect(await warehouse.sql`select count(*) as rows from hourloom.materialization`).toEqual([{ rows: 12 }]);
});

test('a wiped partition is missing, and can be made again like any other', async () => {
  await publishHour(0);
  await wipeAll(CARS);
  expect(await wipeAll(CARS)).toEqual([]);
  const { loadId } = await publishHour(0);
  expect(await readCars(warehouse)).toEqual({ '0-a': loadId, '0-b': loadId });
  expect(await warehouse.sql`select count(*) as held from hourloom.quarantine`).toEqual([{ held: 2 }]);
});

test('what is an object of the lake goes from the ledger alone', async () => {
  await publishHour(0);
  expect(await wipeAll({ asset: EVENTS, table: undefined, within: EVER })).toEqual([{ start: startOf(0), rows: 0 }]);
  expect(await readVisible(warehouse.sql, HOUR)).toMatchObject([{ asset: CAR.asset }, { asset: TRIP.asset }]);
});

test('an attempt that is under way publishes nothing any more', async () => {
  await publishHour(0);
  const overtaken = await claimFence(warehouse, HOUR);
  const fence = await claimFence(warehouse, HOUR);
  const copied = createGate();
  const forever = createGate();
  const check = async (): Promise<void> => {
    copied.open();
    await forever.opened;
  };
  const stopped = publish(warehouse, publicationOf(fence, [{ id: 'late' }], { check })).catch(
    (reason: unknown) => reason,
  );
  await copied.opened;
  expect(await wipeAll(CARS)).toEqual([{ start: startOf(0), rows: 2 }]);
  expect(await stopped).toBeInstanceOf(WarehouseUnreachableError);
  forever.open();
  for (const zombie of [overtaken, fence])
    await expect(publish(warehouse, publicationOf(zombie, [{ id: 'late' }]))).rejects.toBeInstanceOf(FencedError);
  expect(await readCars(warehouse)).toEqual({});
});

test('two at once share the partitions between them', async () => {
  for (let hour = 0; hour < 6; hour += 1) await publishHour(hour);
  const wiped = (await Promise.all([wipeAll(CARS), wipeAll(CARS)])).flat();
  expect(wiped.map(({ start }) => start).toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5].map(startOf));
  expect(await readCars(warehouse)).toEqual({});
});

test('whoever stops listening stops it', async () => {
  await publishHour(0);
  await publishHour(1);
  for await (const { start } of wipe(warehouse, CARS)) {
    expect(start).toBe(startOf(0));
    break;
  }
  expect(await readVisible(warehouse.sql, { ...HOUR, start: startOf(1) })).toHaveLength(3);
});

test('more partitions than a page holds go all the same', async () => {
  await insertMade(
    warehouse,
    Array.from({ length: 1_001 }, (_, hour) => ({ asset: CAR.asset, start: startOf(hour) })),
  );
  expect(await wipeAll(CARS)).toHaveLength(1_001);
  expect(await warehouse.sql`select count(*) as rows from hourloom.materialization where visible`).toEqual([
    { rows: 0 },
  ]);
});
