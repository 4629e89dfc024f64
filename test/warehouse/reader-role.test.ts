import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { retail } from '../../assets/retail/pipeline.ts';
import { trips } from '../../assets/trips/pipeline.ts';
import { rowsTable } from '../../model/rule-set.ts';
import { ensureTables } from '../../warehouse/ensure-tables.ts';
import { grantReading } from '../../warehouse/grant-reading.ts';
import { openWarehouse } from '../../warehouse/open-warehouse.ts';
import type { Warehouse } from '../../warehouse/open-warehouse.ts';
import { queryReadOnly } from '../../warehouse/query-read-only.ts';
import { explainReaderRole, readerOptions } from '../../warehouse/reader-role.ts';
import { definitionOf } from '../hour/open-stack.ts';
import { CAR, createWarehouse } from './fixtures.ts';
import type { TestWarehouse } from './fixtures.ts';

const TABLES = [CAR, ...definitionOf(retail).spec.tables, ...definitionOf(trips).spec.tables];
const REFUSED = { code: '42501' };

let owner: TestWarehouse;
let reader: Warehouse;

function open(url: string, settings: Readonly<Record<string, string>> = {}): Warehouse {
  return openWarehouse({ url, settings, maxConnections: 1, applicationName: 'test' });
}

function openReader(url: string): Warehouse {
  return openWarehouse({
    ...readerOptions({ readUrl: undefined, databaseUrl: url }),
    maxConnections: 1,
    applicationName: 'test',
  });
}

beforeAll(async () => {
  owner = await createWarehouse();
  await ensureTables(owner, TABLES);
  await grantReading(owner, TABLES);
  reader = openReader(owner.url);
});
afterAll(async () => {
  await reader.close();
  await owner.close();
});

test('reads what tells of no person, and nothing of Hourloom’s own', async () => {
  for (const table of ['fleet.car', 'trips.daily_summary', 'retail.products', 'retail.purchases']) {
    expect(await reader.sql.unsafe(`select count(*) from ${table}`)).toEqual([{ count: 0 }]);
  }
  const closed = [
    ...['retail.customers', 'retail.transactions', 'retail.delivery_addresses'],
    ...definitionOf(retail)
      .spec.tables.map((spec) => `retail.${rowsTable(spec)}`)
      .filter((name) => name !== 'retail.purchases'),
    ...['hourloom.quarantine', 'hourloom.materialization', 'hourloom.suppression', 'hourloom.erasure'],
  ];
  for (const table of closed) {
    const refusal = { message: expect.stringContaining('permission denied for') as string, ...REFUSED };
    await expect(reader.sql.unsafe(`select * from ${table}`)).rejects.toMatchObject(refusal);
  }
});

test('cannot write, whatever it sets', async () => {
  const insert = "insert into fleet.car (load_id, id, at) values (1, 'car', now())";
  await expect(reader.sql.unsafe(insert)).rejects.toMatchObject({ code: '25006' });
  await expect(
    reader.sql.begin('read write', async (tx) => {
      await tx`reset role`;
      await tx.unsafe(insert);
    }),
  ).rejects.toMatchObject(REFUSED);
  await expect(reader.sql.unsafe('create table fleet.mine ()')).rejects.toMatchObject({ code: '25006' });
});

test('is what a session that is reset goes back to', async () => {
  await reader.sql`set role none`;
  await reader.sql`reset all`;
  await reader.sql`reset role`;
  expect(await reader.sql`select current_user`).toEqual([{ current_user: 'hourloom_reader' }]);
});

test('may read a table from when it is there, and not once it tells of persons', async () => {
  const name = 'boat';
  const boat = { ...CAR, name, asset: 'fleet/boat' as typeof CAR.asset };
  await ensureTables(owner, [boat]);
  await expect(reader.sql`select from fleet.boat`).rejects.toMatchObject(REFUSED);
  await grantReading(owner, [boat]);
  expect(await reader.sql`select from fleet.boat`).toHaveLength(0);
  const [id, ...rest] = boat.columns;
  await grantReading(owner, [{ ...boat, columns: [{ ...id!, pii: 'direct' }, ...rest] }]);
  await expect(reader.sql`select from fleet.boat`).rejects.toMatchObject(REFUSED);
});

test('many workers grant at once', async () => {
  const boats = ['a', 'b', 'c', 'd'].map((name) => ({ ...CAR, name, asset: `fleet/${name}` as typeof CAR.asset }));
  await ensureTables(owner, boats);
  expect(await Promise.all(boats.map(() => grantReading(owner, boats)))).toEqual(boats.map(() => undefined));
  expect(await reader.sql`select from fleet.d`).toHaveLength(0);
});

test('who owns the tables and may make roles puts it on; who may not is told what to do', async () => {
  const name = `test_${randomBytes(6).toString('hex')}`;
  await owner.sql.unsafe(`create role ${name} login`);
  await owner.sql.unsafe(`grant create on database ${new URL(owner.url).pathname.slice(1)} to ${name}`);
  const url = new URL(owner.url);
  url.username = name;
  const user = open(url.href);
  const asReader = openReader(url.href);
  const table = { ...CAR, schema: name as typeof CAR.schema };
  try {
    await ensureTables(user, [table]);
    const problem = await grantReading(user, [table]);
    expect(problem).toContain('create role hourloom_reader login; grant hourloom_reader to <the user of DATABASE_URL>');
    const refused: unknown = await asReader.sql`select 1`.catch((error: unknown) => error);
    expect(explainReaderRole(refused)).toContain('does not let its user read as hourloom_reader (permission denied');

    await owner.sql.unsafe(`grant hourloom_reader to ${name}`);
    expect(await grantReading(user, [table])).toBeUndefined();
    expect(await asReader.sql.unsafe(`select from ${name}.car`)).toHaveLength(0);
  } finally {
    await Promise.all([user.close(), asReader.close()]);
    await owner.sql.unsafe(`drop owned by ${name} cascade`);
    await owner.sql.unsafe(`drop role ${name}`);
  }
});

test('a statement of a person’s gets no powers back, and writes nothing', async () => {
  await owner.sql`insert into fleet.car (load_id, id, at) values (1, 'car', now())`;
  const ask = (text: string) => queryReadOnly(owner, text, { maxRows: 10 });
  expect(await ask('select current_user as who')).toMatchObject({ rows: [{ who: 'pg_read_all_data' }] });
  expect(await ask('select count(*) as held from hourloom.quarantine')).toMatchObject({ rows: [{ held: 0 }] });
  await expect(ask("select pg_read_file('postgresql.conf')")).rejects.toMatchObject(REFUSED);
  const none = "with reset as materialized (select set_config('role', 'none', true) as role)";
  const refused = [
    [`${none}, gone as (delete from fleet.car returning id) select role, id from reset, gone`, '25006'],
    [`${none} select role, query_to_xml('delete from fleet.car', true, true, '') from reset`, '0A000'],
    [`${none} select role, set_config('transaction_read_only', 'off', true) from reset`, '25001'],
    [`${none} select role, nextval('hourloom.load_id') from reset`, '25006'],
  ] as const;
  for (const [text, code] of refused) await expect(ask(text)).rejects.toMatchObject({ code });
  expect(await ask('select id from fleet.car')).toMatchObject({ rows: [{ id: 'car' }] });
  expect(await owner.sql`select current_user`).toEqual([{ current_user: new URL(owner.url).username }]);
});
