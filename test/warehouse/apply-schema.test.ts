import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { ColumnSpec } from '../../model/column.ts';
import type { TableSpec } from '../../model/pipeline-spec.ts';
import { applySchema, TableDiffersError, TableLockedError } from '../../warehouse/apply-schema.ts';
import { claimFence } from '../../warehouse/claim-fence.ts';
import { compareTable } from '../../warehouse/compare-table.ts';
import { printSchema } from '../../warehouse/print-schema.ts';
import { publish } from '../../warehouse/publish.ts';
import { transact } from '../../warehouse/transact.ts';
import { CAR, createGate, createWarehouse, HOUR, makeRows, publicationOf, readCars, TRIP } from './fixtures.ts';
import type { TestWarehouse } from './fixtures.ts';

let warehouse: TestWarehouse;
beforeAll(async () => {
  warehouse = await createWarehouse();
});
afterAll(() => warehouse.close());
beforeEach(async () => {
  await warehouse.sql`drop schema if exists fleet cascade`;
  await warehouse.sql`truncate hourloom.materialization`;
  await applySchema(warehouse, [CAR]);
});

const [ID, AT, SEATS] = CAR.columns as readonly [ColumnSpec, ColumnSpec, ColumnSpec];
const DOORS: ColumnSpec = { ...SEATS, name: 'doors' };

function withColumns(...columns: readonly ColumnSpec[]): TableSpec {
  return { ...CAR, columns };
}

async function differencesOf(table: TableSpec): Promise<readonly string[]> {
  const { differences } = await compareTable(warehouse.sql, table);
  return differences.map(({ kind, what }) => `${kind}: ${what}`);
}

test.each<[string, TableSpec, readonly string[]]>([
  ['nothing', CAR, []],
  ['a new table', TRIP, ['create: is new']],
  ['a new column that may be null', withColumns(ID, AT, SEATS, DOORS), ['add: column doors is new']],
  [
    'a new column that may not',
    withColumns(ID, AT, SEATS, { ...DOORS, nullable: false }),
    ['add: column doors is new; null in the rows of before, until they are made again'],
  ],
  [
    'a column less that may be null',
    withColumns(ID, AT),
    ['keep: column seats is not declared any more: it stays, and is not written'],
  ],
  [
    'a column less that may not',
    withColumns(ID, SEATS),
    ['loosen: column at is not declared any more: it stays, and is not written'],
  ],
  [
    'a column that may be null now',
    withColumns(ID, { ...AT, nullable: true }, SEATS),
    ['loosen: column at may be null now'],
  ],
  [
    'a column that may not be null now',
    withColumns(ID, AT, { ...SEATS, nullable: false }),
    ['keep: column seats may be null in the rows of before'],
  ],
  [
    'another type',
    withColumns(ID, AT, { ...SEATS, type: 'text' }),
    ['refuse: column seats is bigint null, declared as text null'],
  ],
  [
    'another key',
    { ...CAR, key: ['id', 'at'] },
    ['refuse: column at is timestamp with time zone not null, declared as timestamp with time zone not null (key 3)'],
  ],
  [
    'a key that is gone',
    { ...withColumns(AT, SEATS), key: ['at'] },
    [
      'refuse: column at is timestamp with time zone not null, declared as timestamp with time zone not null (key 2)',
      'refuse: it has a column id in its key that is not declared',
    ],
  ],
])('tells %s', async (_, table, expected) => {
  expect(await differencesOf(table)).toEqual(expected);
});

test('a column is added and one that is gone no longer stands in the way of rows; what was there stays', async () => {
  await publish(warehouse, publicationOf(await claimFence(warehouse, HOUR), makeRows('first', 1)));
  const changed = withColumns(ID, SEATS, DOORS);
  await applySchema(warehouse, [changed]);
  expect(await differencesOf(changed)).toEqual([
    'keep: column at is not declared any more: it stays, and is not written',
  ]);
  expect(await warehouse.sql`select id, at is null as "noTime", doors from fleet.car`).toEqual([
    { id: 'first-0', noTime: false, doors: null },
  ]);
  await warehouse.sql`insert into fleet.car (load_id, id, seats, doors) values (1, 'second', 1, 2)`;
});

test('what is applied is applied once, also by many at once', async () => {
  const changed = withColumns(ID, SEATS, { ...DOORS, nullable: false });
  await Promise.all([1, 2, 3, 4].map(() => applySchema(warehouse, [changed, TRIP])));
  const [table] = await applySchema(warehouse, [changed]);
  expect(table?.differences.map(({ kind }) => kind)).toEqual(['keep', 'keep']);
});

test('where one table is refused, nothing of the others is changed', async () => {
  const refused = withColumns(ID, AT, { ...SEATS, type: 'text' }, DOORS);
  await expect(applySchema(warehouse, [TRIP, refused])).rejects.toThrow(TableDiffersError);
  expect(await differencesOf(TRIP)).toEqual(['create: is new']);
  expect((await differencesOf(refused))[1]).toBe('add: column doors is new');
});

test('waits for a load that holds the table, in short tries, and gives up with a sentence', async () => {
  const changed = withColumns(ID, AT, SEATS, DOORS);
  const [held, released] = [createGate(), createGate()];
  const load = transact(warehouse.sql, async (tx) => {
    await tx`insert into fleet.car (load_id, id, at) values (1, 'a', now())`;
    held.open();
    await released.opened;
  });
  await held.opened;
  await expect(applySchema(warehouse, [changed], { lockTimeoutMs: 5, waitMs: 1 })).rejects.toThrow(TableLockedError);
  const patient = applySchema(warehouse, [changed], { lockTimeoutMs: 5, waitMs: 100 });
  released.open();
  await Promise.all([load, patient]);
  expect(await differencesOf(changed)).toEqual([]);
  expect(await readCars(warehouse)).toEqual({ a: 1 });
});

test('prints the statements of tables once each, as a script that can be run', async () => {
  const script = printSchema([CAR, TRIP]);
  expect(script.match(/create schema/gu)).toHaveLength(1);
  await warehouse.sql`drop schema fleet cascade`;
  await warehouse.sql.unsafe(script);
  expect([await differencesOf(CAR), await differencesOf(TRIP)]).toEqual([[], []]);
});
