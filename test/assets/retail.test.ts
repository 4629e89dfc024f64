import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { retail } from '../../assets/retail/pipeline.ts';
import { runDefinition } from '../../testing/index.ts';

const HOUR = 'date=2020-01-01/hour=00';
const customer = { id: '0042', first_name: 'Ada', last_name: 'Lovelace', email: 'Ada@Example.org', city: 'London' };
const product = { sku: 7, name: 'Lamp', category: 'Home', price: '10.125', popularity: 0.5 };
const sale = {
  transaction_id: 't-1',
  transaction_time: '2020-01-01T00:10:00.000123',
  customer_id: '0042',
  delivery_address: { address: '1 Mill Road\nFlat 2', postcode: 'N1', city: 'London', country: 'UK' },
  purchases: { products: [{ sku: 7, quanitity: 2, price: '10.125', total: '20.25' }], total_cost: '20.25' },
};

test('a sale fills three tables beside its customer and its product, in plain files and in gzip', async () => {
  const { rows, quarantine, counts } = await runDefinition(retail, [
    { key: `${HOUR}/customers.json`, body: JSON.stringify(customer) },
    { key: `${HOUR}/products.json.gz`, body: gzipSync(JSON.stringify(product)) },
    { key: `${HOUR}/transactions.json.gz`, body: gzipSync(JSON.stringify(sale)) },
  ]);
  expect(counts).toEqual({ lines: 3, good: 3, duplicate: 0, quarantined: 0 });
  expect(quarantine).toEqual([]);
  expect(rows.customers).toMatchObject([{ id: '0042', email: 'Ada@Example.org', city: 'London', phone_number: null }]);
  expect(rows.products).toMatchObject([{ sku: 7, price: '10.1250' }]);
  expect(rows.transactions).toMatchObject([
    { transaction_id: 't-1', transaction_time: '2020-01-01T00:10:00.000123Z', total_cost: '20.2500' },
  ]);
  expect(rows.purchases).toMatchObject([{ transaction_id: 't-1', line: 1, sku: 7, quantity: 2, total: '20.2500' }]);
  expect(rows.delivery_addresses).toMatchObject([{ transaction_id: 't-1', address: '1 Mill Road\nFlat 2' }]);
});

test('what breaks a rule of its own is held back, whole and with the reason', async () => {
  const short = { ...sale, purchases: { ...sale.purchases, total_cost: '20.24' } };
  const { rows, quarantine, counts } = await runDefinition(retail, [
    { key: `${HOUR}/customers.json`, body: JSON.stringify({ ...customer, email: '' }) },
    { key: `${HOUR}/products.json`, body: JSON.stringify({ ...product, price: '0.00' }) },
    { key: `${HOUR}/transactions.json`, body: JSON.stringify(short) },
  ]);
  expect(counts).toEqual({ lines: 3, good: 0, duplicate: 0, quarantined: 3 });
  expect(quarantine.map(({ reason, detail }) => [reason, detail])).toEqual([
    ['schema', expect.stringContaining('email') as string],
    ['rule', expect.stringContaining('price is not above 0') as string],
    ['rule', expect.stringContaining('total_cost is not the sum of its lines') as string],
  ]);
  expect(rows.purchases).toEqual([]);
});
