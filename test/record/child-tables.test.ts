import { readdirSync, existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Segment } from '../../record/segment.ts';
import { item, retailDefinition as retail, saleLine } from './retail.ts';
import { file, runRoad, text } from './run-road.ts';

const SALES = 'date=2020-01-01/hour=00/transactions.json';

function sales(...lines: readonly string[]): Segment {
  return file(SALES, `${lines.join('\n')}\n`);
}

test('makes a row of each element and of each object, beside the row of their record', () => {
  const { result, rows } = runRoad(retail, [
    sales(saleLine('a', [item(1), item(2)]), saleLine('b', [], { delivery_address: null }), saleLine('c', [item(1)])),
  ]);
  expect(result.lines).toEqual({ lines: 3, good: 3, duplicate: 0, quarantined: 0 });
  expect(result.tables).toEqual({
    customers: { lines: 0, good: 0, duplicate: 0, quarantined: 0 },
    products: { lines: 0, good: 0, duplicate: 0, quarantined: 0 },
    transactions: { lines: 3, good: 3, duplicate: 0, quarantined: 0 },
    purchases: { lines: 3, good: 3, duplicate: 0, quarantined: 0 },
    delivery_addresses: { lines: 2, good: 2, duplicate: 0, quarantined: 0 },
  });
  const purchases = rows['purchases']!.map((row) => [
    text(row[0]),
    Number(row[1]!.readBigInt64BE()),
    Number(row[2]!.readBigInt64BE()),
    text(row[5]),
    Number(row[6]!.readBigInt64BE()),
  ]);
  expect(purchases).toEqual([
    ['a', 1, 1, 'Mariastad', 1],
    ['a', 2, 2, 'Mariastad', 1],
    ['c', 1, 1, 'Mariastad', 3],
  ]);
  expect(rows['delivery_addresses']!.map((row) => [text(row[0]), text(row[1])])).toEqual([
    ['a', '17 Heffron\nStreet'],
    ['c', '17 Heffron\nStreet'],
  ]);
});

test('writes the rows of a repeated record once', () => {
  const { result } = runRoad(retail, [
    sales(saleLine('a', [item(1), item(2)])),
    file('date=2020-01-01/hour=0/transactions.json.gz', saleLine('a', [item(1), item(2)])),
  ]);
  expect(result.lines).toEqual({ lines: 2, good: 1, duplicate: 1, quarantined: 0 });
  expect(result.tables['purchases']).toEqual({ lines: 2, good: 2, duplicate: 0, quarantined: 0 });
});

test('tells records apart that differ in their elements alone', () => {
  const { result, rows, held } = runRoad(retail, [
    sales(
      saleLine('a', [item(1), item(2)]),
      saleLine('a', [item(2), item(1)]),
      saleLine('a', [item(1), item(3)]),
      saleLine('b', [item(1)]),
    ),
  ]);
  expect(result.lines).toEqual({ lines: 4, good: 2, duplicate: 0, quarantined: 2 });
  expect(held.map(({ asset, line, reason, detail }) => [asset, line, reason, detail])).toEqual([
    ['retail/transactions', 2, 'key_conflict', 'a record with the same transaction_id but other values came before'],
    ['retail/transactions', 3, 'key_conflict', 'a record with the same transaction_id but other values came before'],
  ]);
  expect(rows['purchases']).toHaveLength(3);
});

test('holds a record back as a whole where an element breaks the contract or a rule', () => {
  const broken = { ...item(1), quanitity: 'two' } as unknown as ReturnType<typeof item>;
  const { result, rows, held } = runRoad(retail, [
    sales(
      saleLine('a', [item(1), broken]),
      saleLine('b', [item(1)], { purchases: { products: [item(1)], total_cost: '9.99' } }),
      saleLine('c', [item(1)]),
    ),
  ]);
  expect(result.lines).toEqual({ lines: 3, good: 1, duplicate: 0, quarantined: 2 });
  expect(held.map(({ asset, line, reason, detail }) => [asset, line, reason, detail])).toEqual([
    ['retail/transactions', 1, 'schema', 'purchases.products.1.quanitity: expected number, received "two"'],
    ['retail/transactions', 2, 'rule', 'total_cost is not the sum of its lines'],
  ]);
  expect(rows['purchases']!.map((row) => text(row[0]))).toEqual(['c']);
  expect(rows['delivery_addresses']!.map((row) => text(row[0]))).toEqual(['c']);
});

const EMPTY_KINDS = ['customers', 'products'];

test('gives rows and counts that agree, whatever repeats, conflicts or breaks', () => {
  const products = fc.array(
    fc.integer({ min: 1, max: 3 }).map((sku) => item(sku)),
    { maxLength: 3 },
  );
  const sale = fc.record({ id: fc.constantFrom('a', 'b', 'c'), products, isBroken: fc.boolean() });
  fc.assert(
    fc.property(fc.array(sale, { maxLength: 12 }), (records) => {
      const lines = records.map(({ id, products, isBroken }) =>
        saleLine(id, products, isBroken ? { customer_id: 7 } : {}),
      );
      const first = new Map<string, string>();
      const fates = { good: 0, duplicate: 0, quarantined: 0 };
      let elements = 0;
      for (const [at, { id, products, isBroken }] of records.entries()) {
        const before = first.get(id);
        if (isBroken) fates.quarantined += 1;
        else if (before === undefined) {
          first.set(id, lines[at]!);
          fates.good += 1;
          elements += products.length;
        } else fates[before === lines[at] ? 'duplicate' : 'quarantined'] += 1;
      }
      const { result, rows } = runRoad(retail, [file(SALES, lines.join('\n'))]);
      expect(result.lines).toEqual({ lines: lines.length, ...fates });
      expect(rows['transactions']).toHaveLength(fates.good);
      expect(rows['delivery_addresses']).toHaveLength(fates.good);
      expect(rows['purchases']).toHaveLength(elements);
      expect(result.tables['purchases']!.good).toBe(elements);
      for (const name of EMPTY_KINDS) expect(rows[name]).toEqual([]);
    }),
    { numRuns: 200 },
  );
});

test('holds back what would fill a child table out of all proportion', () => {
  const many = Array.from({ length: 3_000 }, () => item(1, '0'));
  const address = { address: 'x', postcode: 'x', city: 'x'.repeat(200_000), country: 'x' };
  const { result, rows, held } = runRoad(retail, [
    sales(saleLine('a', many, { delivery_address: address }), saleLine('b', [item(1)])),
  ]);
  expect(result.lines).toEqual({ lines: 2, good: 1, duplicate: 0, quarantined: 1 });
  expect(held.map(({ reason }) => reason)).toEqual(['rows_too_large']);
  expect(rows['purchases']!.map((row) => text(row[0]))).toEqual(['b']);
});

test('knows the table of a record by the name of its file', () => {
  const customer = { id: '0012', first_name: 'A', last_name: 'B', email: 'A@b.example' };
  const { result, rows, held } = runRoad(retail, [
    file('date=2020-01-01/hour=00/customers.json', JSON.stringify(customer)),
    file('date=2020-01-01/hour=00/products.json', '{"sku":1,"price":"41.00","popularity":0.5}'),
    sales(saleLine('a', [item(1)])),
    // Merged by an earlier definition, which had such a table.
    file('date=2020-01-01/hour=00/returns.json', JSON.stringify(customer)),
  ]);
  expect(rows['customers']!.map((row) => text(row[0]))).toEqual(['0012']);
  expect(result.lines).toEqual({ lines: 4, good: 3, duplicate: 0, quarantined: 1 });
  expect(held.map(({ asset, sourceKey, reason }) => [asset, sourceKey, reason])).toEqual([
    ['retail/events', 'date=2020-01-01/hour=00/returns.json', 'unknown_entity'],
  ]);
});

const DAY = '../shared/data/retail/date=2020-01-01';
const DAY_NAME = existsSync(DAY) ? 'the first real day of sales' : 'no real day, as it is not here';

test(`makes ${DAY_NAME}`, () => {
  if (!existsSync(DAY)) return;
  const segments = readdirSync(DAY).flatMap((hour) =>
    readdirSync(`${DAY}/${hour}`).map((name) => {
      const bytes = readFileSync(`${DAY}/${hour}/${name}`);
      return file(`date=2020-01-01/${hour}/${name}`, bytes[0] === 0x1f ? gunzipSync(bytes) : bytes);
    }),
  );
  const { result, rows } = runRoad(retail, segments);
  expect(result.lines).toEqual({ lines: 1_360, good: 1_358, duplicate: 0, quarantined: 2 });
  expect(Object.entries(result.tables).map(([name, { good }]) => [name, good])).toEqual([
    ['customers', 267],
    ['products', 772],
    ['transactions', 319],
    ['purchases', 1_003],
    ['delivery_addresses', 319],
  ]);
  expect(result.reasons).toEqual({ schema: 2 });
  expect(result.nulled).toEqual([]);
  expect(rows['purchases']).toHaveLength(1_003);
  expect(result.drift[0]).toEqual({ table: 'products', field: 'category', records: 772 });
});
