import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Warehouse } from '../../warehouse/open-warehouse.ts';
import { NotReadOnlyError, queryReadOnly } from '../../warehouse/query-read-only.ts';
import { createWarehouse } from './fixtures.ts';

let warehouse: Warehouse;

beforeAll(async () => {
  // One connection, so that a query meets whatever the one before it left behind.
  warehouse = await createWarehouse(1);
  await warehouse.sql`
    insert into fleet.car (load_id, id, at, seats)
    select 1, 'car-' || number, '2019-06-01T18:17:03.087123Z', number
    from generate_series(1, 5) as number
  `;
});
afterAll(() => warehouse.close());

const query = (text: string, maxRows = 10) => queryReadOnly(warehouse, text, { maxRows });

test('gives rows by column, in order, with exact values', async () => {
  expect(
    await query(
      'select id, at, seats, seats > 1 as big, seats / 4.0 as share, null as nothing from fleet.car order by id limit 1',
    ),
  ).toEqual({
    columns: ['id', 'at', 'seats', 'big', 'share', 'nothing'],
    rows: [
      {
        id: 'car-1',
        at: '2019-06-01 18:17:03.087123+00',
        seats: 1,
        big: false,
        share: '0.25000000000000000000',
        nothing: null,
      },
    ],
    truncated: false,
  });
});

test('what a number cannot hold is text', async () => {
  expect(await query("select 9007199254740993 as large, 'NaN'::float8 as nan, 1.5::float8 as half")).toMatchObject({
    rows: [{ large: '9007199254740993', nan: 'NaN', half: 1.5 }],
  });
});

test('fetches no more than was asked for, and says that there was more', async () => {
  expect(await query('select seats from fleet.car order by seats', 2)).toEqual({
    columns: ['seats'],
    rows: [{ seats: 1 }, { seats: 2 }],
    truncated: true,
  });
  expect(await query('select seats from fleet.car', 5)).toMatchObject({ truncated: false });
  // Would take hours, were it carried out whole.
  expect(await query('select generate_series(1, 1000000000000) as number', 1)).toMatchObject({ truncated: true });
});

test('of no rows still gives the columns', async () => {
  expect(await query('select id, seats from fleet.car where false')).toEqual({
    columns: ['id', 'seats'],
    rows: [],
    truncated: false,
  });
});

test('two columns of one name are told apart', async () => {
  expect(await query('select 1 as id, 2 as id')).toMatchObject({ columns: ['id', 'id_2'], rows: [{ id: 1, id_2: 2 }] });
});

test('takes every statement that reads, also behind comments', async () => {
  for (const text of [
    'show timezone',
    'values (1)',
    'table fleet.car',
    'explain select 1',
    '-- why\n/* so */ (select 1)',
    'with a as (select 1) table a;',
  ]) {
    expect((await query(text)).rows.length).toBeGreaterThan(0);
  }
});

test('refuses what does not read', async () => {
  for (const text of [
    'delete from fleet.car',
    'copy fleet.car to stdout',
    'commit',
    'set role none',
    'selection',
    '',
    '-- select',
  ]) {
    await expect(query(text)).rejects.toBeInstanceOf(NotReadOnlyError);
  }
});

test('cannot write through a statement that looks like reading', async () => {
  await expect(query('with gone as (delete from fleet.car returning id) select * from gone')).rejects.toMatchObject({
    code: '25006',
  });
  await expect(query('explain analyze delete from fleet.car')).rejects.toMatchObject({ code: '25006' });
  await expect(query('select 1; delete from fleet.car')).rejects.toMatchObject({ code: '42601' });
  expect(await query('select count(*) as cars from fleet.car')).toMatchObject({ rows: [{ cars: 5 }] });
});

test('leaves no setting behind', async () => {
  await query("select set_config('statement_timeout', '1', false)");
  expect(await query("select current_setting('statement_timeout') as timeout")).toMatchObject({
    rows: [{ timeout: '30s' }],
  });
  expect(await warehouse.sql`select current_setting('statement_timeout') as timeout`).toEqual([{ timeout: '15min' }]);
});

test('a statement that takes too long is ended by the server', async () => {
  await expect(queryReadOnly(warehouse, 'select pg_sleep(60)', { maxRows: 1, timeoutMs: 50 })).rejects.toMatchObject({
    code: '57014',
  });
});
