import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { copyInto } from '../../warehouse/copy-into.ts';
import type { Warehouse } from '../../warehouse/open-warehouse.ts';
import { isConnectionLost } from '../../warehouse/reach-warehouse.ts';
import { transact } from '../../warehouse/transact.ts';
import { createGate, createWarehouse, encodeRows, makeRows, streamChunks } from './fixtures.ts';
import type { TestRow } from './fixtures.ts';

const TARGET = { schema: 'fleet', table: 'car', columns: ['id', 'at', 'seats'] };

// Enough that the socket's and the server's buffers cannot hold it: the copy is truly under way when it fails.
const MANY = 100_000;

let warehouse: Warehouse;

beforeAll(async () => {
  // One connection only: whatever a failure leaves behind meets the next statement.
  warehouse = await createWarehouse(1);
});
afterAll(() => warehouse.close());
beforeEach(async () => {
  await warehouse.sql`truncate fleet.car`;
});

function load(chunks: AsyncIterable<Uint8Array>, signal?: AbortSignal): Promise<number> {
  return transact(warehouse.sql, async (tx) => {
    await tx`select set_config('hourloom.load_id', '7', true)`;
    return copyInto(tx, TARGET, chunks, signal);
  });
}

function loadRows(rows: Iterable<TestRow>): Promise<number> {
  return load(streamChunks(encodeRows(rows)));
}

/** The pool gives a clean connection, and what failed left no row. */
async function expectUsable(): Promise<void> {
  expect(await warehouse.sql`select count(*) as rows from fleet.car`).toEqual([{ rows: 0 }]);
  expect(await loadRows(makeRows('after', 3))).toBe(3);
  expect(await warehouse.sql`select count(*) as rows from fleet.car`).toEqual([{ rows: 3 }]);
}

describe('a copy that goes well', () => {
  test('gives every row the load id of its transaction and returns how many there were', async () => {
    expect(await loadRows([{ id: 'a', seats: 4 }, { id: 'b' }])).toBe(2);
    expect(await warehouse.sql`select load_id, id, at, seats from fleet.car order by id`).toEqual([
      { load_id: 7, id: 'a', at: new Date('2019-06-01T18:17:03.087Z'), seats: 4 },
      { load_id: 7, id: 'b', at: new Date('2019-06-01T18:17:03.087Z'), seats: null },
    ]);
  });

  test('takes no rows at all', async () => {
    expect(await loadRows([])).toBe(0);
  });

  test('takes the bytes in pieces of any size', async () => {
    const bytes = Buffer.concat(encodeRows(makeRows('piece', 500)));
    const pieces = Array.from({ length: Math.ceil(bytes.length / 7) }, (_, index) =>
      bytes.subarray(index * 7, index * 7 + 7),
    );
    expect(await load(streamChunks(pieces))).toBe(500);
  });

  test('takes one chunk of many megabytes', async () => {
    expect(await load(streamChunks([Buffer.concat(encodeRows(makeRows('big', MANY)))]))).toBe(MANY);
  });
});

describe('a copy that fails', () => {
  test('at a bad row near the beginning gives the error of the server', async () => {
    const rows = [{ id: 'bad', seats: 'broken' } as const, ...makeRows('good', MANY)];
    await expect(loadRows(rows)).rejects.toMatchObject({ name: 'PostgresError', code: '22P03' });
    await expectUsable();
  });

  test('at a bad row while the producer waits for more does not wait with it', async () => {
    const forever = createGate();
    async function* produce(): AsyncGenerator<Buffer> {
      // More than a chunk, so that it is sent before the producer waits.
      yield Buffer.concat(encodeRows([{ id: 'bad', seats: 'broken' }, ...makeRows('good', 20_000)]));
      await forever.opened;
    }
    await expect(load(produce())).rejects.toMatchObject({ name: 'PostgresError', code: '22P03' });
    await expectUsable();
    forever.open();
  });

  test('at a bad last row gives the error of the server', async () => {
    const rows = [...makeRows('good', MANY), { id: 'bad', seats: 'broken' } as const];
    await expect(loadRows(rows)).rejects.toMatchObject({ name: 'PostgresError', code: '22P03' });
    await expectUsable();
  });

  test('at a duplicate key gives the name of the constraint', async () => {
    const rows = [...makeRows('good', MANY), { id: 'good-5' }];
    await expect(loadRows(rows)).rejects.toMatchObject({ code: '23505', constraint_name: 'car_key_per_load' });
    await expectUsable();
  });

  test('at a producer that dies gives the error of the producer', async () => {
    const death = new Error('the source went away');
    async function* produce(): AsyncGenerator<Buffer> {
      yield* encodeRows(makeRows('good', MANY)).slice(0, -1);
      throw death;
    }
    await expect(load(produce())).rejects.toBe(death);
    await expectUsable();
  });

  test('at a producer that dies before its first byte gives the error of the producer', async () => {
    const death = new Error('the source was never there');
    // eslint-disable-next-line require-yield
    async function* produce(): AsyncGenerator<Buffer> {
      throw death;
    }
    await expect(load(produce())).rejects.toBe(death);
    await expectUsable();
  });

  test('at bytes that end early gives the error of the server', async () => {
    const bytes = Buffer.concat(encodeRows(makeRows('good', 10)));
    await expect(load(streamChunks([bytes.subarray(0, -9)]))).rejects.toMatchObject({
      name: 'PostgresError',
      code: '22P04',
    });
    await expectUsable();
  });

  test('at a killed session says that the connection was lost', async () => {
    const other = await createOther();
    const rows = encodeRows(makeRows('good', MANY));
    async function* produce(): AsyncGenerator<Buffer> {
      yield* rows.slice(0, 50);
      await other.terminateCopy();
      yield* rows.slice(50);
    }
    const error: unknown = await load(produce()).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(Error);
    expect(isConnectionLost(error)).toBe(true);
    await other.close();
    await expectUsable();
  });

  test('at a table that is not there gives the error of the server', async () => {
    const target = { ...TARGET, table: 'boat' };
    const copied = transact(warehouse.sql, (tx) => copyInto(tx, target, streamChunks(encodeRows([]))));
    await expect(copied).rejects.toMatchObject({ code: '42P01' });
    await expectUsable();
  });

  test('at a signal gives its reason, also while the producer waits', async () => {
    const stop = new AbortController();
    const forever = createGate();
    const reason = new Error('the attempt was cancelled');
    async function* produce(): AsyncGenerator<Buffer> {
      yield* encodeRows(makeRows('good', MANY)).slice(0, 50);
      stop.abort(reason);
      await forever.opened;
    }
    await expect(load(produce(), stop.signal)).rejects.toBe(reason);
    await expectUsable();
    forever.open();
  });

  test('at a signal that came before sends nothing', async () => {
    const reason = new Error('cancelled already');
    await expect(load(streamChunks(encodeRows([])), AbortSignal.abort(reason))).rejects.toBe(reason);
    await expectUsable();
  });
});

/** A second session, which ends the one that copies. */
async function createOther(): Promise<{ terminateCopy(): Promise<void>; close(): Promise<void> }> {
  const { openWarehouse } = await import('../../warehouse/open-warehouse.ts');
  const { url } = warehouse as typeof warehouse & { readonly url: string };
  const other = openWarehouse({ url, maxConnections: 1, applicationName: 'other' });
  return {
    async terminateCopy() {
      const ended = await other.sql`
        select pg_terminate_backend(pid, 5000) as ended
        from pg_stat_activity
        where datname = current_database()
          and query like 'copy %'
      `;
      expect(ended).toEqual([{ ended: true }]);
    },
    close: () => other.close(),
  };
}
