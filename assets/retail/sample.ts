import { gzipSync } from 'node:zlib';
import type { SampleFile, Window } from '../../define/index.ts';

const SALES = 12;
const NEW_CUSTOMERS = 3;
const NEW_PRODUCTS = 8;
const HOUR_MS = 3_600_000;
const DAY_HOURS = 24;

/**
 * An hour of a small shop, with the habits of the real feed: ids that begin with 0, e-mail addresses of mixed case,
 * addresses of two lines, a field that is misspelled, amounts as text (some with three decimals), times without a zone,
 * customers without a name and products without a price, customers who come an hour after their first purchase, sales
 * that do not add up, and one that is told again in the hour after. In the first hour of a day the first customer of the
 * day before asks to be forgotten, twice: once in a plain file and once in gzip. The same window always gives the same files.
 */
export function sampleShop({ start }: Window): readonly SampleFile[] {
  const hour = start / HOUR_MS;
  const folder = `date=${iso(start).slice(0, 10)}/hour=${iso(start).slice(11, 13)}`;
  const sales = listSales(hour);
  const files: readonly (readonly [string, readonly object[]])[] = [
    ['customers', listCustomers(hour)],
    ['products', listProducts(hour)],
    // The last one of the hour before comes once more.
    ['transactions', [...sales, ...listSales(hour - 1).slice(-1)]],
  ];
  const plain = files
    .filter(([, records]) => records.length > 0)
    .map(([kind, records]) => ({ key: `${folder}/${kind}.json`, body: writeLines(records) }));
  if (hour % DAY_HOURS !== 0) return plain;
  const request = writeLines([askToForget(hour - DAY_HOURS)]);
  return [
    ...plain,
    { key: `${folder}/erasure-requests.json`, body: request },
    { key: `${folder}/erasure-requests.json.gz`, body: gzipSync(request) },
  ];
}

function writeLines(records: readonly object[]): string {
  return records.map((record) => `${JSON.stringify(record)}\n`).join('');
}

function askToForget(hour: number): object {
  const id = customerId(hour, 0);
  return { 'customer-id': id, email: emailOf(id).toLowerCase() };
}

function emailOf(id: string): string {
  return `Mary.${id}@Example.com`;
}

function customerId(hour: number, nth: number): string {
  return String((hour * NEW_CUSTOMERS + nth) % 1_000_000).padStart(6, '0');
}

function listCustomers(hour: number): readonly object[] {
  return Array.from({ length: NEW_CUSTOMERS }, (_, nth) => {
    const id = customerId(hour, nth);
    return {
      id,
      // One in a while has no name, and is held back with all that it bought.
      first_name: (hour + nth) % 29 === 0 ? null : 'Mary',
      last_name: 'Example',
      date_of_birth: null,
      email: emailOf(id),
      phone_number: '+44(0)20 7946 0958',
      address: `Flat ${nth + 1}\n${(hour % 90) + 1} Sample Street`,
      city: 'Sampleton',
      country: 'United Kingdom',
      postcode: 'SW1A 1AA',
      last_change: '2020-01-01',
      segment: nth === 0 ? 'health' : null,
    };
  });
}

function sku(hour: number, nth: number): number {
  return hour * NEW_PRODUCTS + nth;
}

function listProducts(hour: number): readonly object[] {
  return Array.from({ length: NEW_PRODUCTS }, (_, nth) => ({
    sku: sku(hour, nth),
    name: `Product ${nth + 1}`,
    // One in a while costs nothing, which no product may.
    price: (hour + nth) % 31 === 0 ? '0.00' : priceOf(sku(hour, nth)),
    category: ['vitamin', 'beauty', 'sports'][nth % 3],
    popularity: (nth + 1) / (NEW_PRODUCTS + 1),
  }));
}

function priceOf(product: number): string {
  const price = ((250 + ((product * 1_237) % 9_000)) / 100).toFixed(2);
  return product % 20 === 7 ? `${price}0` : price;
}

function listSales(hour: number): readonly object[] {
  return Array.from({ length: SALES }, (_, nth) => {
    const products = Array.from({ length: (nth % 3) + 1 }, (_each, index) => {
      const product = sku(hour, (nth * 3 + index) % NEW_PRODUCTS);
      const quantity = ((nth + index) % 4) + 1;
      const price = priceOf(product);
      return { sku: product, quanitity: quantity, price, total: (Number(price) * quantity).toFixed(2) };
    });
    const total = products.reduce((sum, line) => sum + Math.round(Number(line.total) * 100), 0);
    return {
      transaction_id: `${String(hour).padStart(8, '0')}-0000-4000-8000-${String(nth).padStart(12, '0')}`,
      transaction_time: `${iso(hour * HOUR_MS + nth * 200_000 + 585).slice(0, -1)}342`,
      customer_id: customerId(nth === 4 ? hour + 1 : hour, nth % NEW_CUSTOMERS),
      delivery_address: {
        address: `${nth + 1} Delivery Road`,
        postcode: 'SW1A 1AA',
        city: 'Sampleton',
        country: 'United Kingdom',
      },
      // One in a while does not add up.
      purchases: { products, total_cost: ((total + ((hour + nth) % 37 === 0 ? 1 : 0)) / 100).toFixed(2) },
    };
  });
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
