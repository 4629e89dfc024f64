import { request } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { trips } from '../../assets/trips/pipeline.ts';
import { ensureTables } from '../../warehouse/ensure-tables.ts';
import { grantReading } from '../../warehouse/grant-reading.ts';
import { MIGRATIONS_FOLDER, migrateUp } from '../../warehouse/migrate.ts';
import { openWarehouse } from '../../warehouse/open-warehouse.ts';
import type { Warehouse } from '../../warehouse/open-warehouse.ts';
import { readerOptions } from '../../warehouse/reader-role.ts';
import { serve } from '../../web/server/serve.ts';
import type { WebServer } from '../../web/server/serve.ts';
import { definitionOf } from '../hour/open-stack.ts';
import { createDatabase } from '../support/services.ts';

let warehouse: Warehouse;
/** As the API comes in. */
let reader: Warehouse;
let server: WebServer;

beforeAll(async () => {
  const databaseUrl = await createDatabase();
  warehouse = openWarehouse({ url: databaseUrl, maxConnections: 4, applicationName: 'test' });
  await grantReading(warehouse, []);
  const options = readerOptions({ readUrl: undefined, databaseUrl });
  reader = openWarehouse({ ...options, maxConnections: 4, applicationName: 'test' });
  server = await serve({ warehouse: reader }, 0);
});

afterAll(async () => {
  await server.close();
  await reader.close();
  await warehouse.close();
});

async function get(path: string): Promise<{ readonly status: number; readonly body: unknown }> {
  const answer = await fetch(`${server.address}${path}`);
  return { status: answer.status, body: await answer.json() };
}

const DAY = {
  summary_id: '99502ca2-babd-f0c3-bd62-01a2c34424e9',
  pickup_date: '2025-02-01',
  total_passenger_count: 149,
  total_distance: 524.81,
  total_fare: 2878.67,
  avg_trip_distance: 2.6640101522842636,
  avg_fare_amount: 14.61253807106599,
};

test('a day whose table is not made yet is not found', async () => {
  expect(await get('/trips?pickup_date=2025-02-01')).toEqual({
    status: 404,
    body: { error: 'There are no trips of 2025-02-01: none were told, or its month is not made.' },
  });
});

test('a day has its summary, and another is not found', async () => {
  await migrateUp(warehouse, MIGRATIONS_FOLDER);
  await ensureTables(warehouse, definitionOf(trips).spec.tables);
  await grantReading(warehouse, definitionOf(trips).spec.tables);
  const { sql } = warehouse;
  const row = {
    ...DAY,
    load_id: 1,
    trips: 197,
    negative_fares: 12,
    impossible_distances: 0,
    dropoffs_before_pickup: 0,
  };
  await sql`insert into trips.daily_summary ${sql(row)}`;
  expect(await get('/trips?pickup_date=2025-02-01')).toEqual({ status: 200, body: DAY });
  expect((await get('/trips?pickup_date=2025-02-02')).status).toBe(404);
});

test.each([
  ['', 'Say which day: /trips?pickup_date=2025-02-01'],
  ['?pickup_date=2025-02-30', 'pickup_date is no day. Write it as 2025-02-01: year, month, day.'],
  ['?pickup_date=1.2.2025', 'pickup_date is no day. Write it as 2025-02-01: year, month, day.'],
  ["?pickup_date=2025-02-01'--", 'pickup_date is no day. Write it as 2025-02-01: year, month, day.'],
  ['?pickup_date=2025-02-01&pickup_date=2025-02-02', 'pickup_date is said more than once. Say one day.'],
])('what is no question for a day, %j, is refused in words', async (query, error) => {
  expect(await get(`/trips${query}`)).toEqual({ status: 400, body: { error } });
});

test('health says that the warehouse can be read, and that it cannot', async () => {
  expect(await get('/health')).toEqual({ status: 200, body: { status: 'ok' } });
  const gone = openWarehouse({ url: 'postgres://nobody@127.0.0.1:1/none', maxConnections: 1, applicationName: 'test' });
  const other = await serve({ warehouse: gone }, 0);
  try {
    expect((await fetch(`${other.address}/health`)).status).toBe(503);
    expect((await fetch(`${other.address}/trips?pickup_date=2025-02-01`)).status).toBe(503);
  } finally {
    await other.close();
    await gone.close();
  }
});

test('the description names each route, and nothing else is there', async () => {
  const { body } = await get('/openapi.json');
  expect(Object.keys((body as { paths: object }).paths)).toEqual(['/health', '/trips']);
  expect(await get('/nowhere')).toEqual({
    status: 404,
    body: { error: 'There is nothing at /nowhere. /openapi.json says what there is.' },
  });
});

test('nothing can be written: other methods are refused', async () => {
  const answer = await fetch(`${server.address}/trips`, { method: 'POST' });
  expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
});

test('a foreign Host header is refused', async () => {
  const status = await new Promise<number | undefined>((resolve, reject) => {
    const asked = request(`${server.address}/health`, { headers: { host: 'evil.example' } }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    asked.on('error', reject).end();
  });
  expect(status).toBe(403);
});
