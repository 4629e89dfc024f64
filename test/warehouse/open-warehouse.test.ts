import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findFreePort } from '../../local/find-free-port.ts';
import { openWarehouse } from '../../warehouse/open-warehouse.ts';
import type { Warehouse } from '../../warehouse/open-warehouse.ts';
import { WarehouseRefusedError, WarehouseUnreachableError, reachWarehouse } from '../../warehouse/reach-warehouse.ts';
import { transact } from '../../warehouse/transact.ts';
import { createDatabase } from '../support/services.ts';
import { createGate } from './fixtures.ts';

let url: string;
let warehouse: Warehouse;

beforeAll(async () => {
  url = await createDatabase();
  warehouse = openWarehouse({ url, maxConnections: 3, applicationName: 'hourloom test' });
  await warehouse.sql`create table probe (number integer)`;
});
afterAll(() => warehouse.close());

/** Ends every other session of the database: what a restart of the server does. */
async function terminateOthers(): Promise<void> {
  const other = openWarehouse({ url, maxConnections: 1, applicationName: 'other' });
  await other.sql`
    select pg_terminate_backend(pid, 5000)
    from pg_stat_activity
    where datname = current_database()
      and pid <> pg_backend_pid()
  `;
  await other.close();
}

function ask(sql: Warehouse): Promise<unknown> {
  return reachWarehouse(sql, (pool) => pool`select 1 as one`);
}

describe('values', () => {
  test('a bigint is a number where that is exact, else its digits', async () => {
    const rows =
      await warehouse.sql`select 9007199254740991::bigint as exact, 9007199254740993::bigint as large, count(*) from probe`;
    expect(rows).toEqual([{ exact: 9007199254740991, large: '9007199254740993', count: 0 }]);
  });

  test('sessions are in UTC and under their name', async () => {
    expect(
      await warehouse.sql`
      select current_setting('TimeZone') as zone, current_setting('application_name') as name, current_setting('lock_timeout') as lock
    `,
    ).toEqual([{ zone: 'UTC', name: 'hourloom test', lock: '30s' }]);
  });
});

describe('the socket', () => {
  test('is without delay where the address is plain, and the library keeps its own for TLS', () => {
    const hasOwn = (address: string): boolean => {
      const { options } = openWarehouse({ url: address, maxConnections: 1, applicationName: 'x' }).sql as unknown as {
        readonly options: { readonly socket?: unknown };
      };
      return options.socket !== undefined;
    };
    expect(hasOwn('postgres://me@db.example:5432/x')).toBe(true);
    expect(hasOwn('postgres://me@db.example:5432/x?sslmode=disable')).toBe(true);
    expect(hasOwn('postgres://me@db.example:5432/x?sslmode=require')).toBe(false);
    expect(hasOwn('postgres://me@db.example:5432/x?sslmode=verify-full&sslrootcert=system')).toBe(false);
    expect(hasOwn('postgres://me@%2Frun%2Fpostgresql/x')).toBe(false);
  });
});

describe('an address that leads nowhere', () => {
  test('is one sentence without the password, however often it is tried', async () => {
    const port = await findFreePort();
    const gone = openWarehouse({
      url: `postgres://me:secret@127.0.0.1:${port}/db`,
      maxConnections: 2,
      applicationName: 'x',
    });
    for (let time = 0; time < 5; time += 1) {
      const error: unknown = await ask(gone).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(WarehouseUnreachableError);
      expect((error as Error).message).toBe(
        `The warehouse at 127.0.0.1:${port}/db cannot be reached, or it ended the connection (ECONNREFUSED). ` +
          'Check that it runs and that DATABASE_URL is right.',
      );
    }
    await gone.close();
  });

  test('to a database that is not there says what to correct', async () => {
    const wrong = new URL(url);
    wrong.pathname = '/nowhere';
    const refused = openWarehouse({ url: wrong.href, maxConnections: 1, applicationName: 'x' });
    const error: unknown = await ask(refused).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(WarehouseRefusedError);
    expect((error as Error).message).toBe(
      `The warehouse at ${wrong.host}/nowhere refused the connection: database "nowhere" does not exist. ` +
        'Correct the user, password or database in DATABASE_URL.',
    );
    await refused.close();
  });

  test('that is no address is said without repeating it', () => {
    const open = (text: string) => () => openWarehouse({ url: text, maxConnections: 1, applicationName: 'x' });
    const sentence =
      'The warehouse address is not a URL such as postgres://user:password@host:5432/database. Correct DATABASE_URL.';
    expect(open('me:secret@host')).toThrow(sentence);
    expect(open('http://me:secret@host/db')).toThrow(sentence);
  });
});

describe('a pool whose sessions are ended', () => {
  test('answers the very next statement', async () => {
    for (let time = 0; time < 3; time += 1) {
      await Promise.all([1, 2, 3].map(() => warehouse.sql`select 1`));
      await terminateOthers();
      expect(await Promise.all([1, 2, 3].map(() => ask(warehouse)))).toEqual([
        [{ one: 1 }],
        [{ one: 1 }],
        [{ one: 1 }],
      ]);
    }
  });

  test('answers again when statements were being sent at that moment', async () => {
    for (let time = 0; time < 5; time += 1) {
      const busy = createGate();
      const running = Array.from({ length: 20 }, () => ask(warehouse).catch(() => undefined));
      const ended = terminateOthers().then(busy.open);
      await Promise.all([...running, ended]);
      expect(await ask(warehouse)).toEqual([{ one: 1 }]);
    }
  });
});

describe('a transaction', () => {
  test('is committed when its work returns and rolled back when it throws', async () => {
    expect(
      await transact(warehouse.sql, async (tx) => (await tx`insert into probe values (1) returning number`)[0]),
    ).toEqual({ number: 1 });
    const doubt = new Error('no');
    await expect(
      transact(warehouse.sql, async (tx) => {
        await tx`insert into probe values (2)`;
        throw doubt;
      }),
    ).rejects.toBe(doubt);
    expect(await warehouse.sql`select number from probe`).toEqual([{ number: 1 }]);
  });

  test('sends nothing more when its session was ended, though its work goes on', async () => {
    const gate = createGate();
    const after = createGate();
    const work = transact(warehouse.sql, async (tx) => {
      await tx`insert into probe values (3)`;
      gate.open();
      await after.opened;
      await tx`insert into probe values (4)`;
    }).catch((reason: unknown) => reason);
    await gate.opened;
    await terminateOthers();
    expect(await work).toMatchObject({ code: 'CONNECTION_CLOSED' });
    after.open();
    // Three statements on every connection: whatever the work could still send would be there by then.
    await Promise.all(Array.from({ length: 9 }, () => warehouse.sql`select 1`));
    expect(await warehouse.sql`select number from probe`).toEqual([{ number: 1 }]);
  });
});
