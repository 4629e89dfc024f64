import { gzipSync } from 'node:zlib';
import * as v from 'valibot';
import { expect, test } from 'vitest';
import { csv, csvInteger, hourly, key, pipeline, s3Files, table } from '../../define/index.ts';
import { runDefinition } from '../../testing/index.ts';
import { retail } from '../record/retail.ts';

const PLACE = 'date=2020-01-01/hour=0';

const sale = {
  transaction_id: 't1',
  transaction_time: '2020-01-01T00:10:00',
  customer_id: 'c1',
  delivery_address: { address: '1 Road', postcode: 'AB1', city: 'Leeds', country: 'UK' },
  purchases: {
    products: [
      { sku: 1, quanitity: 2, price: '2.50', total: '5.00' },
      { sku: 2, quanitity: 1, price: '1.00', total: '1.00' },
    ],
    total_cost: '6.00',
  },
};

test('child tables have rows of their own, and a record that breaks a rule is held back with all of its rows', async () => {
  const broken = { ...sale, transaction_id: 't2', purchases: { ...sale.purchases, total_cost: '7.00' } };
  const body = [sale, broken].map((record) => JSON.stringify(record)).join('\n');
  const { rows, quarantine, counts } = await runDefinition(retail, [
    { key: `${PLACE}/transactions.json.gz`, body: gzipSync(body) },
  ]);
  expect(counts).toEqual({ lines: 2, good: 1, duplicate: 0, quarantined: 1 });
  expect(rows.transactions).toEqual([
    {
      transaction_id: 't1',
      transaction_time: '2020-01-01T00:10:00.000Z',
      customer_id: 'c1',
      total_cost: '6.0000',
    },
  ]);
  expect(rows.purchases.map(({ line, sku, price, city }) => ({ line, sku, price, city }))).toEqual([
    { line: 1, sku: 1, price: '2.5000', city: 'Leeds' },
    { line: 2, sku: 2, price: '1.0000', city: 'Leeds' },
  ]);
  expect(rows.delivery_addresses).toHaveLength(1);
  expect(rows.customers).toEqual([]);
  expect(quarantine).toMatchObject([{ line: 2, detail: expect.stringContaining('not the sum') as string }]);
});

test('new fields and misfits that became null are counted', async () => {
  const customer = {
    id: 'c1',
    first_name: 'Ada',
    last_name: 'L',
    email: 'a@b.example',
    phone_number: 5,
    shoe_size: 38,
  };
  const files = [{ key: `${PLACE}/customers.json`, body: JSON.stringify(customer) }];
  const { rows, newFields, nulled } = await runDefinition(retail, files);
  expect(rows.customers).toEqual([
    { id: 'c1', first_name: 'Ada', last_name: 'L', email: 'a@b.example', phone_number: null },
  ]);
  expect(newFields).toEqual([{ table: 'customers', field: 'shoe_size', records: 1 }]);
  expect(nulled).toEqual([{ table: 'customers', field: 'phone_number', records: 1 }]);
});

test('files are read in the format that the source says', async () => {
  const prices = pipeline('prices', {
    source: s3Files('s3://prices/{yyyy}-{MM}-{dd}-{HH}.csv', { format: csv() }),
    window: hourly('2026-01-01T00'),
    tables: {
      price: table(v.object({ sku: v.string(), cents: csvInteger() }), ({ sku, cents }) => ({
        sku: key(sku),
        cents,
      })),
    },
  });
  const { rows, counts } = await runDefinition(prices, [
    { key: '2026-01-01-00.csv', body: '\ufeffcents,sku\r\n5,"a,b"\r\nten,c\r\n' },
  ]);
  expect(rows.price).toEqual([{ sku: 'a,b', cents: 5 }]);
  expect(counts).toEqual({ lines: 2, good: 1, duplicate: 0, quarantined: 1 });
});

test('what is no pipeline is refused', async () => {
  await expect(runDefinition({} as typeof retail, [])).rejects.toThrow('This is no pipeline.');
});
