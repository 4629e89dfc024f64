import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { NumericType } from '../../model/column.ts';
import type { TableSpec } from '../../model/pipeline-spec.ts';
import { TableDiffersError } from '../../warehouse/apply-schema.ts';
import { ensureTables } from '../../warehouse/ensure-tables.ts';
import { openWarehouse } from '../../warehouse/open-warehouse.ts';
import type { Warehouse } from '../../warehouse/open-warehouse.ts';
import { createDatabase } from '../support/services.ts';
import { dumpSchema } from './dump-schema.ts';
import { CAR, TRIP } from './fixtures.ts';

let warehouse: Warehouse;

beforeAll(async () => {
  warehouse = openWarehouse({ url: await createDatabase(), maxConnections: 4, applicationName: 'hourloom test' });
});
afterAll(() => warehouse.close());
beforeEach(async () => {
  await warehouse.sql`drop schema if exists fleet cascade`;
});

test('creates schema, table, key and time index', async () => {
  await ensureTables(warehouse, [CAR]);
  expect(await dumpSchema(warehouse.sql, 'fleet')).toBe(`create table fleet.car (
  load_id bigint not null default (current_setting('hourloom.load_id'::text))::bigint,
  id text not null,
  at timestamp with time zone not null,
  seats bigint,
  constraint car_key_per_load PRIMARY KEY (load_id, id)
);

CREATE INDEX car_time ON fleet.car USING brin (at);
`);
});

test('many workers at once create each table once', async () => {
  await Promise.all([1, 2, 3, 4].map(() => ensureTables(warehouse, [CAR, TRIP])));
  expect(await warehouse.sql`select count(*) as tables from pg_tables where schemaname = 'fleet'`).toEqual([
    { tables: 2 },
  ]);
});

test('leaves a table as it is that is there already', async () => {
  await ensureTables(warehouse, [CAR]);
  await warehouse.sql`insert into fleet.car (load_id, id, at) values (1, 'a', now())`;
  await ensureTables(warehouse, [CAR]);
  expect(await warehouse.sql`select id from fleet.car`).toEqual([{ id: 'a' }]);
});

test('knows a column of exact decimals again, by its size', async () => {
  const [id, at] = CAR.columns;
  const priced = (type: NumericType): TableSpec => ({
    ...CAR,
    columns: [id!, at!, { name: 'price', type, nullable: false, value: { kind: 'computed' } }],
  });
  await ensureTables(warehouse, [priced('numeric(19,4)')]);
  await ensureTables(warehouse, [priced('numeric(19,4)')]);
  await expect(ensureTables(warehouse, [priced('numeric(12,2)')])).rejects.toMatchObject({
    differences: ['column price is numeric(19,4) not null, declared as numeric(12,2) not null'],
  });
});

test('refuses a table in another shape, says every difference, and creates nothing', async () => {
  await ensureTables(warehouse, [CAR]);
  const [id, at, seats] = CAR.columns;
  const other: TableSpec = {
    ...CAR,
    columns: [id!, { ...at!, type: 'text' }, { ...seats!, name: 'doors' }],
    key: ['id', 'at'],
  };
  const error: unknown = await ensureTables(warehouse, [TRIP, other]).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(TableDiffersError);
  expect((error as TableDiffersError).message).toBe(
    'Table fleet.car is not as its definition says: ' +
      'column at is timestamp with time zone not null, declared as text not null (key 3). ' +
      'Columns are added, nothing else is changed: restore the definition, or give the table another name there, ' +
      'and fill that one from the lake with: hourloom backfill start <pipeline> --only missing',
  );
  expect(await warehouse.sql`select to_regclass('fleet.trip') as trip`).toEqual([{ trip: null }]);
});

test('a row without a load is refused: rows come by publishing only', async () => {
  await ensureTables(warehouse, [CAR]);
  await expect(warehouse.sql`insert into fleet.car (id, at) values ('a', now())`).rejects.toMatchObject({
    code: '42704',
  });
});
