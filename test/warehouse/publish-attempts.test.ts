import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { beginLoad } from '../../warehouse/begin-load.ts';
import { claimFence } from '../../warehouse/claim-fence.ts';
import { FencedError } from '../../warehouse/fence.ts';
import type { Fence } from '../../warehouse/fence.ts';
import { lockFence } from '../../warehouse/lock-fence.ts';
import { openWarehouse } from '../../warehouse/open-warehouse.ts';
import type { Warehouse } from '../../warehouse/open-warehouse.ts';
import { publish } from '../../warehouse/publish.ts';
import type { Published } from '../../warehouse/publish.ts';
import { WarehouseUnreachableError } from '../../warehouse/reach-warehouse.ts';
import { readVisible } from '../../warehouse/read-ledger.ts';
import { transact } from '../../warehouse/transact.ts';
import { startCutProxy } from './cut-proxy.ts';
import {
  CAR,
  EVENTS,
  HOUR,
  createGate,
  createWarehouse,
  encodeRows,
  entryOf,
  hexDigest,
  makeRows,
  publicationOf,
  readCars,
} from './fixtures.ts';
import type { TestWarehouse } from './fixtures.ts';

let warehouse: TestWarehouse;

beforeAll(async () => {
  warehouse = await createWarehouse();
});
afterAll(() => warehouse.close());
beforeEach(async () => {
  await warehouse.sql`
    truncate fleet.car, fleet.trip, hourloom.fence, hourloom.materialization, hourloom.quarantine, hourloom.last_failure
  `;
});

describe('attempts that meet', () => {
  test('an overtaken attempt publishes nothing and says who overtook it', async () => {
    const zombie = await claimFence(warehouse, HOUR);
    const newer = await claimFence(warehouse, HOUR);
    const error: unknown = await publish(warehouse, publicationOf(zombie, [{ id: 'z' }])).catch(
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(FencedError);
    expect(error).toMatchObject({ partition: HOUR, fence: zombie, newest: newer });
    expect(await readCars(warehouse)).toEqual({});
  });

  test('an attempt that is overtaken after its copy publishes nothing', async () => {
    const zombie = await claimFence(warehouse, HOUR);
    let newer: Fence | undefined;
    const check = async (): Promise<void> => {
      // As if the claim could not end the session: the fence alone must hold.
      const rows = await warehouse.sql<{ fence: Fence }[]>`
        update hourloom.fence set fence = nextval('hourloom.load_id') returning fence
      `;
      newer = rows[0]?.fence;
    };
    const error: unknown = await publish(warehouse, publicationOf(zombie, [{ id: 'z' }], { check })).catch(
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ name: 'FencedError', fence: zombie, newest: newer });
    expect(await readCars(warehouse)).toEqual({});
  });

  test('a client that stopped inside COPY is ended by the next claim', async () => {
    const fence = await claimFence(warehouse, HOUR);
    const copying = createGate();
    const forever = createGate();
    async function* stopInside(): AsyncGenerator<Buffer> {
      yield Buffer.concat(encodeRows(makeRows('stopped', 50_000)).slice(0, -1));
      copying.open();
      await forever.opened;
    }
    const copies = [{ table: CAR, rows: 50_000, chunks: stopInside }];
    const stopped = publish(warehouse, publicationOf(fence, [], { copies })).catch((reason: unknown) => reason);
    await copying.opened;

    const newer = await claimFence(warehouse, HOUR);
    expect(await stopped).toBeInstanceOf(WarehouseUnreachableError);
    expect(await publish(warehouse, publicationOf(newer, [{ id: 'a' }]))).toMatchObject({ outcome: 'published' });
    expect(await readCars(warehouse)).toEqual({ a: newer });
    forever.open();
  });

  test('a client that stopped while it held the lock is ended by the next claim', async () => {
    const fence = await claimFence(warehouse, HOUR);
    const locked = createGate();
    const forever = createGate();
    const stopped = transact(warehouse.sql, async (tx) => {
      await beginLoad(tx, HOUR, fence);
      await lockFence(tx, HOUR, fence);
      locked.open();
      await forever.opened;
    }).catch((reason: unknown) => reason);
    await locked.opened;

    expect(await claimFence(warehouse, HOUR)).toBeGreaterThan(fence);
    expect(await stopped).toMatchObject({ code: 'CONNECTION_CLOSED' });
    forever.open();
  });

  test('a stopped try is ended by the next try under the same fence', async () => {
    const fence = await claimFence(warehouse, HOUR);
    const copied = createGate();
    const forever = createGate();
    const check = async (): Promise<void> => {
      copied.open();
      await forever.opened;
    };
    const stopped = publish(warehouse, publicationOf(fence, [{ id: 'a' }], { check })).catch(
      (reason: unknown) => reason,
    );
    await copied.opened;

    expect(await publish(warehouse, publicationOf(fence, [{ id: 'a' }]))).toMatchObject({ outcome: 'published' });
    expect(await stopped).toBeInstanceOf(WarehouseUnreachableError);
    forever.open();
    expect(await readCars(warehouse)).toEqual({ a: fence });
  });

  test('a claim leaves alone a session that has gone on to another partition', async () => {
    const one = await createWarehouseOfOne();
    const fence = await claimFence(one, HOUR);
    await publish(one, publicationOf(fence, [{ id: 'a' }]));
    const otherHour = { ...HOUR, start: HOUR.start + 3_600_000 };
    const other = await claimFence(one, otherHour);
    const check = async (): Promise<void> => {
      await claimFence(warehouse, HOUR);
    };
    const publication = publicationOf(other, [{ id: 'b' }], { partition: otherHour, check });
    expect(await publish(one, publication)).toMatchObject({ outcome: 'published' });
    await one.close();
  });

  test('attempts side by side never double a row, whoever wins', async () => {
    for (let round = 0; round < 15; round += 1) {
      const attempt = async (name: string): Promise<Published> => {
        const fence = await claimFence(warehouse, HOUR);
        return publish(warehouse, publicationOf(fence, [...makeRows('same', 50), { id: name }]));
      };
      const results = await Promise.allSettled([attempt('one'), attempt('two'), attempt('three')]);
      const [visible, ...others] = await readVisible(warehouse.sql, HOUR);
      expect(others).toEqual([]);
      const cars = await readCars(warehouse);
      expect(Object.keys(cars)).toHaveLength(51);
      expect(new Set(Object.values(cars))).toEqual(new Set([visible?.loadId]));
      const failures = results
        .filter((result) => result.status === 'rejected')
        .map(({ reason }) => (reason as Error).name);
      expect(failures.filter((name) => name !== 'FencedError' && name !== 'WarehouseUnreachableError')).toEqual([]);
    }
  });

  test('tries side by side under one fence never double a row', async () => {
    for (let round = 0; round < 15; round += 1) {
      const fence = await claimFence(warehouse, HOUR);
      const attempt = (): Promise<Published> => publish(warehouse, publicationOf(fence, makeRows('same', 50)));
      const results = await Promise.allSettled([attempt(), attempt()]);
      if (results.every(({ status }) => status === 'rejected')) await attempt();
      expect(Object.values(await readCars(warehouse))).toEqual(Array.from({ length: 50 }, () => fence));
    }
  });

  test('an object of a try that was held up until after the load does not replace the object of the load', async () => {
    const fence = await claimFence(warehouse, HOUR);
    const object = { ...entryOf(EVENTS, 0), objectKey: 'raw/fleet/1.jsonl.gz' };
    await publish(warehouse, publicationOf(fence, [{ id: 'a' }], { ledger: [object, entryOf(CAR.asset, 1)] }));
    const late = { ...object, inputDigest: hexDigest('another listing'), objectKey: 'raw/fleet/2.jsonl.gz' };
    const published = publish(warehouse, { partition: HOUR, fence, copies: [], ledger: [late] });
    await expect(published).rejects.toBeInstanceOf(FencedError);
    expect(await readVisible(warehouse.sql, HOUR)).toMatchObject([
      { asset: CAR.asset },
      { asset: EVENTS, objectKey: object.objectKey },
    ]);
  });
});

describe('a connection that dies at the commit', () => {
  test('after the server carried it out ends as done', async () => {
    const proxy = await startCutProxy(warehouse.url, 'answer');
    const through = openWarehouse({ url: proxy.url, maxConnections: 2, applicationName: 'through' });
    const fence = await claimFence(warehouse, HOUR);
    expect(await publish(through, publicationOf(fence, [{ id: 'a' }]))).toEqual({
      loadId: fence,
      publishedAt: expect.any(Number),
      ledger: [entryOf(CAR.asset, 1)],
      outcome: 'already',
    });
    expect(proxy.cuts()).toBe(1);
    expect(await readCars(warehouse)).toEqual({ a: fence });
    await through.close();
    await proxy.close();
  });

  test('before it reached the server is an error, and trying again publishes', async () => {
    const proxy = await startCutProxy(warehouse.url, 'request');
    const through = openWarehouse({ url: proxy.url, maxConnections: 2, applicationName: 'through' });
    const fence = await claimFence(warehouse, HOUR);
    const publication = publicationOf(fence, [{ id: 'a' }]);
    await expect(publish(through, publication)).rejects.toBeInstanceOf(WarehouseUnreachableError);
    expect(proxy.cuts()).toBe(1);
    expect(await readCars(warehouse)).toEqual({});
    expect(await publish(through, publication)).toMatchObject({ outcome: 'published' });
    expect(await readCars(warehouse)).toEqual({ a: fence });
    await through.close();
    await proxy.close();
  });
});

/** A pool of one connection on the same database. */
async function createWarehouseOfOne(): Promise<Warehouse> {
  return openWarehouse({ url: warehouse.url, maxConnections: 1, applicationName: 'one' });
}
