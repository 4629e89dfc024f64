import postgres from 'postgres';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTableStatements } from '../../record/ddl.ts';
import { deriveIdentifier, quoteIdentifier } from '../../record/identifier.ts';
import { createDatabase } from '../support/services.ts';
import { vehicles } from './run-road.ts';

let sql: postgres.Sql;
beforeAll(async () => {
  sql = postgres(await createDatabase(), { max: 1, onnotice: () => undefined });
});
afterAll(() => sql.end());

const [vehicle] = vehicles.spec.tables;

test('declares a table by its columns', () => {
  expect(createTableStatements(vehicle!)).toEqual([
    'create schema if not exists fleet',
    `create table if not exists fleet.vehicle (
  load_id bigint not null default current_setting('hourloom.load_id')::bigint,
  id uuid not null,
  vehicle_id text not null,
  at timestamptz not null,
  event text not null,
  organization_id text not null,
  lat double precision,
  source_key text not null,
  constraint vehicle_key_per_load primary key (load_id, id)
)`,
    'create index if not exists vehicle_time on fleet.vehicle using brin (at)',
  ]);
});

test('makes the table, also twice, and also under names that are words of SQL', async () => {
  const table = {
    ...vehicle!,
    name: 'select',
    key: ['id', 'order'],
    columns: [...vehicle!.columns, { ...vehicle!.columns[0]!, name: 'order' }],
  };
  for (const statement of [...createTableStatements(table), ...createTableStatements(table)])
    await sql.unsafe(statement);
  const columns = await sql`
    select column_name, data_type, is_nullable
    from information_schema.columns
    where table_schema = 'fleet' and table_name = 'select'
    order by ordinal_position
  `;
  expect(columns.map((column) => [column['column_name'], column['data_type'], column['is_nullable']])).toEqual([
    ['load_id', 'bigint', 'NO'],
    ['id', 'uuid', 'NO'],
    ['vehicle_id', 'text', 'NO'],
    ['at', 'timestamp with time zone', 'NO'],
    ['event', 'text', 'NO'],
    ['organization_id', 'text', 'NO'],
    ['lat', 'double precision', 'YES'],
    ['source_key', 'text', 'NO'],
    ['order', 'uuid', 'NO'],
  ]);
});

test('quotes every word that the server reserves', async () => {
  const words = await sql<{ word: string }[]>`select word from pg_get_keywords() where catcode in ('R', 'T')`;
  expect(words.filter(({ word }) => !quoteIdentifier(word).startsWith('"'))).toEqual([]);
});

test('quotes what is no plain name, and nothing else', () => {
  expect(['a', '_b1', 'Name', '1a', 'a-b', 'a"b', ''].map(quoteIdentifier)).toEqual([
    'a',
    '_b1',
    '"Name"',
    '"1a"',
    '"a-b"',
    '"a""b"',
    '""',
  ]);
});

test('keeps derived names apart where Postgres would cut them to the same', () => {
  const long = 'x'.repeat(62);
  const names = [`${long}a`, `${long}b`].map((name) => deriveIdentifier(name, 'key_per_load'));
  expect(new Set(names).size).toBe(2);
  expect(names.map((name) => name.length)).toEqual([63, 63]);
  expect(deriveIdentifier('trips', 'time')).toBe('trips_time');
});
