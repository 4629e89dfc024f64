import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { derivedPartition } from '../../model/partition.ts';
import { claimFence } from '../../warehouse/claim-fence.ts';
import { digestInputs } from '../../warehouse/digest-inputs.ts';
import { ensureTables } from '../../warehouse/ensure-tables.ts';
import { FencedError } from '../../warehouse/fence.ts';
import type { Fence } from '../../warehouse/fence.ts';
import { StatementError } from '../../warehouse/fill-table.ts';
import type { TableFill } from '../../warehouse/fill-table.ts';
import { openWarehouse } from '../../warehouse/open-warehouse.ts';
import { publish } from '../../warehouse/publish.ts';
import type { Publication, Published } from '../../warehouse/publish.ts';
import { readVisible } from '../../warehouse/read-ledger.ts';
import { waitFor } from '../support/wait-for.ts';
import { startCutProxy } from './cut-proxy.ts';
import { CAR, HOUR, createWarehouse, makeTable, publicationOf } from './fixtures.ts';
import type { TestWarehouse } from './fixtures.ts';

const HOUR_MS = 3_600_000;
const DAY_START = Date.parse('2019-06-01T00:00:00Z');

const BIG_CAR = makeTable('big_car');
const DAY = derivedPartition(BIG_CAR.asset, DAY_START);
const INPUTS = [{ asset: CAR.asset, start: DAY_START, end: DAY_START + 24 * HOUR_MS }];

const FILL: TableFill = {
  table: BIG_CAR,
  statement: 'select seats, id, at, 1 as other from fleet.car where seats > $1 -- the large ones',
  parameters: [3],
  inputs: INPUTS,
  expected: 24,
};

let warehouse: TestWarehouse;

beforeAll(async () => {
  warehouse = await createWarehouse();
  await ensureTables(warehouse, [BIG_CAR]);
});
afterAll(() => warehouse.close());
beforeEach(async () => {
  await warehouse.sql`
    truncate fleet.car, fleet.big_car, hourloom.fence, hourloom.materialization, hourloom.quarantine, hourloom.last_failure
  `;
});

async function publishCars(seats: Readonly<Record<string, number>>, hour = 0): Promise<Published> {
  const partition = { ...HOUR, start: HOUR.start + hour * HOUR_MS };
  const fence = await claimFence(warehouse, partition);
  const rows = Object.entries(seats).map(([id, seats]) => ({ id, seats }));
  return publish(warehouse, publicationOf(fence, rows, { partition }));
}

function fillOf(fence: Fence, more: Partial<TableFill> = {}, rest: Partial<Publication> = {}): Publication {
  return { partition: DAY, fence, copies: [], fills: [{ ...FILL, ...more }], ledger: [], ...rest };
}

async function readBigCars(): Promise<readonly unknown[]> {
  return [...(await warehouse.sql`select load_id, id, seats from fleet.big_car order by id`)];
}

async function digestOf(inputs = INPUTS): Promise<string> {
  const [input] = await digestInputs(warehouse.sql, [inputs]);
  return input?.digest ?? 'none';
}

describe('a fill', () => {
  test('computes rows in place of those before, and the ledger says what was read and counted', async () => {
    await publishCars({ a: 2, b: 4 });
    await publishCars({ c: 5 }, 1);
    const first = await claimFence(warehouse, DAY);
    const published = await publish(warehouse, fillOf(first));
    const entry = {
      asset: BIG_CAR.asset,
      inputDigest: await digestOf(),
      codeVersion: BIG_CAR.codeVersion,
      rowCount: 2,
      counts: { inputs: 2, expected: 24 },
      objectKey: undefined,
    };
    expect(published).toEqual({
      loadId: first,
      publishedAt: expect.any(Number),
      ledger: [entry],
      outcome: 'published',
    });
    expect(await readBigCars()).toEqual([
      { load_id: first, id: 'b', seats: 4 },
      { load_id: first, id: 'c', seats: 5 },
    ]);
    expect(await readVisible(warehouse.sql, DAY)).toEqual([
      { ...entry, loadId: first, publishedAt: published.publishedAt },
    ]);

    await publishCars({ a: 7 });
    const second = await claimFence(warehouse, DAY);
    await publish(warehouse, fillOf(second));
    expect(await readBigCars()).toEqual([
      { load_id: second, id: 'a', seats: 7 },
      { load_id: second, id: 'c', seats: 5 },
    ]);
    expect(await readVisible(warehouse.sql, DAY)).toMatchObject([
      { loadId: second, rowCount: 2, inputDigest: await digestOf() },
    ]);
  });

  test('of no rows, no inputs and no parameters is made all the same', async () => {
    const fence = await claimFence(warehouse, DAY);
    const statement = 'select id, at, seats from fleet.car';
    const { ledger } = await publish(warehouse, fillOf(fence, { statement, parameters: [], inputs: [], expected: 0 }));
    expect(ledger).toMatchObject([{ rowCount: 0, counts: { inputs: 0, expected: 0 } }]);
  });

  test('reads its inputs from before: one that is published meanwhile leaves it stale, not wrongly fresh', async () => {
    await publishCars({ a: 4 });
    // The statement waits for this lock, its digest is taken by then.
    const holder = openWarehouse({ url: warehouse.url, maxConnections: 1, applicationName: 'holder' });
    await holder.sql`select pg_advisory_lock(1)`;
    const fence = await claimFence(warehouse, DAY);
    const statement =
      'select id, at, seats from fleet.car cross join (select pg_advisory_xact_lock_shared(1)) as waited';
    const published = publish(warehouse, fillOf(fence, { statement, parameters: [] }));
    await waitForSession(`wait_event = 'advisory'`);
    const before = await digestOf();
    await publishCars({ b: 5 }, 1);
    await holder.close();

    expect((await published).ledger).toMatchObject([{ inputDigest: before, counts: { inputs: 1 } }]);
    expect(await digestOf()).not.toBe(before);
  });

  test('under the same fence again changes nothing and says what the first try did', async () => {
    await publishCars({ a: 4 });
    const fence = await claimFence(warehouse, DAY);
    const first = await publish(warehouse, fillOf(fence));
    await publishCars({ b: 5 }, 1);
    expect(await publish(warehouse, fillOf(fence))).toEqual({ ...first, outcome: 'already' });
    expect(await readBigCars()).toEqual([{ load_id: fence, id: 'a', seats: 4 }]);
  });

  test('whose connection dies at the commit, after the server carried it out, ends as done', async () => {
    await publishCars({ a: 4 });
    const proxy = await startCutProxy(warehouse.url, 'answer');
    const through = openWarehouse({ url: proxy.url, maxConnections: 2, applicationName: 'through' });
    const fence = await claimFence(warehouse, DAY);
    expect(await publish(through, fillOf(fence))).toMatchObject({ outcome: 'already', ledger: [{ rowCount: 1 }] });
    expect(proxy.cuts()).toBe(1);
    await through.close();
    await proxy.close();
  });
});

describe('a fill that fails leaves what was', () => {
  let before: readonly unknown[];

  beforeEach(async () => {
    await publishCars({ a: 4 });
    await publish(warehouse, fillOf(await claimFence(warehouse, DAY)));
    before = await readBigCars();
  });

  test('when a newer attempt has taken over', async () => {
    const zombie = await claimFence(warehouse, DAY);
    await claimFence(warehouse, DAY);
    await expect(publish(warehouse, fillOf(zombie))).rejects.toBeInstanceOf(FencedError);
    expect(await readBigCars()).toEqual(before);
  });

  test.each([
    ['is no SQL', 'selec 1', '42601', 'syntax error at or near "1"'],
    ['lacks a column', 'select id, at from fleet.car', '42703', 'column computed.seats does not exist'],
    ['divides by zero', 'select id, at, seats / 0 as seats from fleet.car', '22012', 'division by zero'],
    [
      'gives a key twice',
      'select id, at, seats from fleet.car cross join generate_series(1, 2)',
      '23505',
      'duplicate key value violates unique constraint "big_car_key_per_load"',
    ],
    ['is two statements', 'select 1) as a; commit; select * from (select 1', '42601', undefined],
  ])('when the statement %s: terminal, in the words of the server', async (_, statement, code, message) => {
    const fence = await claimFence(warehouse, DAY);
    const error: unknown = await publish(warehouse, fillOf(fence, { statement, parameters: [] })).catch(
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(StatementError);
    expect(error).toMatchObject({ asset: BIG_CAR.asset, cause: { code } });
    if (message !== undefined) {
      expect((error as Error).message).toBe(
        `The statement of fleet/big_car failed: ${message}. Correct the statement or what it reads, then run the partition again.`,
      );
    }
    expect(await readBigCars()).toEqual(before);
  });

  test('when it is cancelled while its statement runs, at once and with the reason', async () => {
    const stop = new AbortController();
    const reason = new Error('the run was cancelled');
    const statement = 'select id, at, seats from fleet.car cross join (select pg_sleep(600)) as slept';
    const fence = await claimFence(warehouse, DAY);
    const published = publish(warehouse, fillOf(fence, { statement, parameters: [] }, { signal: stop.signal })).catch(
      (error: unknown) => error,
    );
    await waitForSession(`wait_event = 'PgSleep'`);
    stop.abort(reason);
    expect(await published).toBe(reason);
    expect(await readBigCars()).toEqual(before);
    expect(await publish(warehouse, fillOf(fence))).toMatchObject({ outcome: 'published' });
  });
});

/** Until a session of this database is at it. */
async function waitForSession(condition: string): Promise<void> {
  await waitFor(condition, async () => {
    const found = await warehouse.sql.unsafe(
      `select 1 from pg_stat_activity where datname = current_database() and ${condition}`,
    );
    return found.length > 0;
  });
}
