import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { item, retail, saleLine } from '../record/retail.ts';
import { openStack } from './open-stack.ts';
import type { Stack } from './open-stack.ts';

const HOUR = Date.parse('2020-01-01T00:00:00Z');
const FOLDER = 'date=2020-01-01';
const customer = (id: string, phone: unknown = '+44 1') =>
  JSON.stringify({ id, first_name: 'Ann', last_name: 'Lee', email: `${id}@example.com`, phone_number: phone });

let stack: Stack;
beforeAll(async () => {
  stack = await openStack(retail);
});
afterAll(() => stack.close());

const cheap = [item(1, '10.00'), item(2, '1.005', 2)];

test('one window fills the tables that its files are named for, and their child tables', async () => {
  await stack.feed([
    { key: `${FOLDER}/hour=00/customers.json.gz`, body: gzipSync(`${customer('0012')}\n${customer('0013', 7)}\n`) },
    {
      key: `${FOLDER}/hour=00/products.json`,
      body: '{"sku":1,"name":"x","category":"y","price":"41.00","popularity":0.5}\n',
    },
    {
      key: `${FOLDER}/hour=00/transactions.json.gz`,
      body: gzipSync(
        [
          saleLine('a', cheap),
          saleLine('b', [item(1)], { delivery_address: null }),
          saleLine('a', cheap),
          saleLine('c', [item(1)], { purchases: { products: [item(1)], total_cost: '1.00' } }),
        ].join('\n'),
      ),
    },
    { key: `${FOLDER}/hour=0/transactions.json`, body: saleLine('d', [item(3)]) },
    { key: `${FOLDER}/hour=00/erasure-requests.json`, body: '{}' },
    { key: `${FOLDER}/hour=00/purchases.json`, body: '{}' },
    { key: `${FOLDER}/hour=00/returns.json`, body: '{}' },
  ]);

  expect(await stack.run(HOUR)).toMatchObject({
    outcome: 'made',
    counts: { files: 7, filesLoaded: 4, filesSkipped: 3, lines: 8, good: 6, duplicate: 1, quarantined: 1 },
    rows: {
      'retail/customers': 2,
      'retail/products': 1,
      'retail/transactions': 3,
      'retail/purchases': 4,
      'retail/delivery_addresses': 2,
    },
  });
  const purchases = await stack.warehouse.sql`
    select transaction_id, line::int, sku::int, quantity::int, price::text, city
    from retail.purchases
    order by transaction_id, line
  `;
  expect([...purchases]).toEqual([
    { transaction_id: 'a', line: 1, sku: 1, quantity: 1, price: '10.0000', city: 'Mariastad' },
    { transaction_id: 'a', line: 2, sku: 2, quantity: 2, price: '1.0050', city: 'Mariastad' },
    { transaction_id: 'b', line: 1, sku: 1, quantity: 1, price: '10.0000', city: null },
    { transaction_id: 'd', line: 1, sku: 3, quantity: 1, price: '10.0000', city: 'Mariastad' },
  ]);
  const [sale] = await stack.warehouse.sql`
    select (transaction_time at time zone 'UTC')::text as at, total_cost::text
    from retail.transactions
    where transaction_id = 'a'
  `;
  expect(sale).toEqual({ at: '2020-01-01 00:42:43.585342', total_cost: '12.0100' });
  const held = await stack.warehouse.sql`select asset, line::int, reason, detail from hourloom.quarantine`;
  expect([...held]).toEqual([
    { asset: 'retail/transactions', line: 4, reason: 'rule', detail: 'total_cost is not the sum of its lines' },
  ]);
  const ledger = await stack.warehouse.sql`
    select asset, row_count::int as rows, counts
    from hourloom.materialization
    where visible and asset in ('retail/customers', 'retail/transactions', 'retail/purchases')
    order by asset
  `;
  expect([...ledger]).toEqual([
    // One customer's phone number was no text.
    { asset: 'retail/customers', rows: 2, counts: { lines: 2, good: 2, duplicate: 0, quarantined: 0, nulled: 1 } },
    { asset: 'retail/purchases', rows: 4, counts: { lines: 4, good: 4, duplicate: 0, quarantined: 0 } },
    { asset: 'retail/transactions', rows: 3, counts: { lines: 5, good: 3, duplicate: 1, quarantined: 1 } },
  ]);
  expect((await stack.run(HOUR)).outcome).toBe('unchanged');
});

test('a window that is made again replaces the rows of all its tables together', async () => {
  await stack.feed([
    { key: `${FOLDER}/hour=00/transactions.json.gz`, body: gzipSync(saleLine('a', [item(9)])) },
    { key: `${FOLDER}/hour=0/transactions.json`, body: '' },
  ]);
  expect(await stack.run(HOUR)).toMatchObject({
    counts: { lines: 4, good: 4, duplicate: 0, quarantined: 0 },
    rows: { 'retail/transactions': 1, 'retail/purchases': 1, 'retail/delivery_addresses': 1 },
  });
  const loads = await stack.warehouse.sql`
    select load_id from retail.transactions
    union select load_id from retail.purchases
    union select load_id from retail.delivery_addresses
  `;
  expect(loads).toHaveLength(1);
});
