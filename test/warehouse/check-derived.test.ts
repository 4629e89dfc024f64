import * as v from 'valibot';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { distancePerPeriod, vehicleLocationUpdate } from '../../assets/door2door/derived.ts';
import { door2door } from '../../assets/door2door/pipeline.ts';
import {
  daily,
  derived,
  findDerived,
  findPipeline,
  rows,
  sql,
  sqlCheck,
  timestamp,
  uuid,
  window,
} from '../../define/index.ts';
import type { Derived, Statement } from '../../define/index.ts';
import type { DerivedSpec } from '../../model/derived-spec.ts';
import { checkDerived } from '../../warehouse/check-derived.ts';
import { openWarehouse } from '../../warehouse/open-warehouse.ts';
import type { Warehouse } from '../../warehouse/open-warehouse.ts';
import { createDatabase } from '../support/services.ts';

const { tables } = findPipeline(door2door)!.spec;
const { vehicle_location: location } = door2door;

let warehouse: Warehouse;

beforeAll(async () => {
  // One connection, so that a check meets whatever the one before it left behind.
  warehouse = openWarehouse({ url: await createDatabase(), maxConnections: 1, applicationName: 'hourloom test' });
  await warehouse.sql`create table lookup (id uuid, at timestamptz)`;
});
afterAll(() => warehouse.close());

function specOf(asset: Derived): DerivedSpec {
  return findDerived(asset)!;
}

/** What is wrong with a statement that should give `(id uuid, at timestamptz)`. */
async function check(statement: Statement): Promise<readonly string[]> {
  const asset = derived('reports/seen', {
    key: ['id'],
    row: v.object({ id: uuid(), at: timestamp() }),
    sql: statement,
  });
  const problems = await checkDerived(warehouse, [specOf(asset)], tables);
  return problems.map(({ problem }) => problem);
}

const listSchemas = () =>
  warehouse.sql`
    select nspname as name
    from pg_namespace
    where nspname !~ '^pg_' and nspname not in ('information_schema', 'public')
  `;

test('takes what the project itself declares, in a warehouse without any table, and leaves nothing behind', async () => {
  const own = [vehicleLocationUpdate, distancePerPeriod].map(specOf);
  expect(await checkDerived(warehouse, own, tables)).toEqual([]);
  expect(await listSchemas()).toEqual([]);
});

test('takes a statement that reads another derived asset, and one that ends in a comment', async () => {
  const row = v.object({ vehicle_id: uuid(), at: timestamp() });
  const reading = derived('reports/seen', {
    window: daily(),
    key: ['vehicle_id'],
    row,
    sql: sql`select vehicle_id, at from ${vehicleLocationUpdate} where at <@ ${window} -- all of the day`,
  });
  expect(await checkDerived(warehouse, [reading, vehicleLocationUpdate].map(specOf), tables)).toEqual([]);
});

test('says which columns are of another type, missing or too many', async () => {
  expect(await check(sql`select vehicle_id::text as id, 1::int as one from ${location}`)).toEqual([
    'The statement gives "id" as text, `row` says uuid. Cast it there: (…)::uuid.',
    'The statement does not give "at", which `row` has. Select it.',
    'The statement gives "one", which `row` lacks. Leave it out, or add it to `row`.',
  ]);
});

test('says what Postgres says, and where, by the names that were written', async () => {
  expect(
    await check(sql`
      select vehicle_id as id,
        event_time as at
      from ${location}
    `),
  ).toEqual([
    'Postgres refuses the statement: column "event_time" does not exist in "event_time as at". Correct the statement.',
  ]);
  expect(await check(sql`select vehicle_id as id from ${location} where`)).toEqual([
    expect.stringMatching(/^Postgres refuses the statement: syntax error at .*Correct the statement\.$/u),
  ]);
});

test('wants tables as values, whether one of that name is there or not', async () => {
  expect(
    await check(sql`select vehicle_id as id, event_timestamp as at from ${location} join trips using (id)`),
  ).toEqual([
    'Postgres refuses the statement: relation "trips" does not exist in ' +
      '"select vehicle_id as id, event_timestamp as at from door2door.vehicle_location join trips using (id)". ' +
      'Put tables in as values: from ${door2door.vehicle_location}.',
  ]);
  expect(await check(sql`select id, at from lookup join ${location} on vehicle_id = id`)).toEqual([
    'The statement reads public.lookup by its name, so a change there would not be seen. ' +
      'Put the table in as a value: from ${door2door.vehicle_location}.',
  ]);
});

test.each([
  ['writes', sql`with gone as (delete from ${location} returning vehicle_id) select * from gone`],
  ['is two', sql`select vehicle_id as id from ${location}; drop table lookup`],
  ['ends the transaction', sql`select vehicle_id as id from ${location}; commit; create schema left_behind`],
])('refuses a statement that %s', async (_, statement) => {
  expect(await check(statement)).toEqual([expect.stringMatching(/^Postgres refuses the statement: /u)]);
  expect(await listSchemas()).toEqual([]);
  expect(await warehouse.sql`select count(*) from lookup`).toEqual([{ count: 0 }]);
});

test('goes on after a statement that is wrong', async () => {
  const row = v.object({ id: uuid() });
  const wrong = derived('reports/wrong', { key: ['id'], row, sql: sql`select none as id from ${location}` });
  const wronger = derived('reports/wronger', { key: ['id'], row, sql: sql`select 1.5 as id from ${location}` });
  const problems = await checkDerived(warehouse, [wrong, vehicleLocationUpdate, wronger].map(specOf), tables);
  expect(problems.map(({ asset }) => asset)).toEqual(['reports/wrong', 'reports/wronger']);
});

/** What is wrong with a check of `(id uuid, at timestamptz)` that has this statement. */
async function checkOwn(statement: Statement): Promise<readonly unknown[]> {
  const asset = derived('reports/seen', {
    window: daily(),
    key: ['id'],
    row: v.object({ id: uuid(), at: timestamp() }),
    sql: sql`select vehicle_id as id, at from ${vehicleLocationUpdate} where at <@ ${window}`,
    checks: () => [sqlCheck('own', statement)],
  });
  return checkDerived(warehouse, [asset, vehicleLocationUpdate].map(specOf), tables);
}

test.each([
  ['counts', sql`select count(*) from ${rows}`],
  [
    'begins with a name, gives a column twice and ends in a comment',
    sql`with a as (select * from ${rows}) select id, id from a -- all`,
  ],
  [
    'reads the window, and what its table is made of',
    sql`select 1 from ${rows} join ${vehicleLocationUpdate} u on u.vehicle_id = id where u.at <@ ${window}`,
  ],
])('takes a check whose statement %s', async (_, statement) => {
  expect(await checkOwn(statement)).toEqual([]);
  expect(await listSchemas()).toEqual([]);
});

test.each([
  [
    'asks for what is not there',
    sql`select speed from ${rows}`,
    'Postgres refuses the statement: column "speed" does not exist',
  ],
  [
    'writes',
    sql`with gone as (delete from lookup returning id) select id from gone, ${rows}`,
    'Postgres refuses the statement: ',
  ],
  ['is two', sql`select id from ${rows}; drop table lookup`, 'Postgres refuses the statement: '],
  [
    'reads a table by its name',
    sql`select id from ${rows} join lookup using (id)`,
    'The statement reads public.lookup by its name, so its verdict could change by itself. Read ${rows} alone.',
  ],
])('refuses a check whose statement %s, by the name of the check', async (_, statement, said) => {
  const problem = expect.stringContaining(`check "own": ${said}`) as string;
  expect(await checkOwn(statement)).toEqual([{ asset: 'reports/seen', problem }]);
  expect(await warehouse.sql`select count(*) from lookup`).toEqual([{ count: 0 }]);
});
