import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import * as v from 'valibot';
import { expect, test } from 'vitest';
import { findPipeline, hashedUuid, hourly, key, pipeline, s3Files, table } from '../../define/index.ts';
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
    file(
      'date=2020-01-01/hour=00/products.json',
      '{"sku":1,"name":"x","category":"y","price":"41.00","popularity":0.5}',
    ),
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

const Order = v.object({
  kind: v.literal('order'),
  id: v.string(),
  codes: v.nullish(v.array(v.nullable(v.string()))),
  boxes: v.array(v.object({ code: v.string(), weight: v.pipe(v.number(), v.integer()) })),
});
const orders = table(Order, ({ id }) => ({ id: key(id) }));
const depot = findPipeline(
  pipeline('depot', {
    source: s3Files('s3://depot/{yyyy}-{MM}-{dd}-{HH}.json'),
    window: hourly('2026-01-01T00'),
    splitBy: 'kind',
    tables: {
      boxes: orders.each(
        (order) => order.boxes,
        (box, order) => ({ box_id: key(hashedUuid(order.id, box.code)), code: box.code, weight: box.weight }),
      ),
      codes: orders.each(
        (order) => order.codes,
        (code, order, line) => ({ id: key(order.id), place: key(line.index), code }),
      ),
      visits: table(v.object({ kind: v.literal('visit'), id: v.string() }), ({ id }) => ({ id: key(id) })),
      orders,
    },
  }),
)!;
const box = (code: string, weight = 1) => ({ code, weight });
const order = (id: string, boxes: readonly object[], codes?: readonly (string | null)[] | null) =>
  JSON.stringify({ kind: 'order', id, boxes, codes });

test('child tables follow a parent that a field chooses; an id can be of element and record together', () => {
  const { result, rows } = runRoad(depot, [
    file('f', [order('a', [box('x'), box('y')], ['1', null]), '{"kind":"visit","id":"a"}', order('b', [])].join('\n')),
  ]);
  expect(result.lines).toEqual({ lines: 3, good: 3, duplicate: 0, quarantined: 0 });
  expect(Object.entries(result.tables).map(([name, { good }]) => [name, good])).toEqual([
    ['visits', 1],
    ['orders', 2],
    ['boxes', 2],
    ['codes', 2],
  ]);
  expect(rows['boxes']!.map(([id]) => id!.toString('hex'))).toEqual(
    ['ax', 'ay'].map((texts) => createHash('sha256').update(texts).digest('hex').slice(0, 32)),
  );
  expect(rows['codes']!.map((row) => text(row[2] ?? undefined))).toEqual(['1', undefined]);
});

test('a record whose elements take each other’s key is held back as a whole, and leaves no key behind', () => {
  const { result, rows, held } = runRoad(depot, [
    file(
      'f',
      [
        order('a', [box('x'), box('y'), box('x')], ['1']),
        order('a', [box('x'), box('y')], ['1']),
        order('b', [box('z', 1e300)], ['1']),
        order('b', [box('z')], ['1']),
      ].join('\n'),
    ),
  ]);
  expect(result.lines).toEqual({ lines: 4, good: 2, duplicate: 0, quarantined: 2 });
  expect(held.map(({ asset, line, reason, detail }) => [asset, line, reason, detail])).toEqual([
    ['depot/orders', 1, 'key_conflict', 'boxes 3: a row with the same box_id came before'],
    ['depot/orders', 3, 'number_range', 'boxes 1: column weight cannot hold the value'],
  ]);
  expect(rows['boxes']!.map((row) => text(row[1]))).toEqual(['x', 'y', 'z']);
  expect(rows['codes']!.map((row) => text(row[0]))).toEqual(['a', 'b']);
});

test('a row that stands in the way of another record’s is said to be its', () => {
  const tags = table(v.object({ id: v.string(), tags: v.array(v.string()) }), ({ id }) => ({ id: key(id) }));
  const definition = findPipeline(
    pipeline('tagged', {
      source: s3Files('s3://tagged/{yyyy}-{MM}-{dd}-{HH}.json'),
      window: hourly('2026-01-01T00'),
      tables: {
        tags,
        words: tags.each(
          (record) => record.tags,
          (word) => ({ word: key(word) }),
        ),
      },
    }),
  )!;
  const { result, held } = runRoad(definition, [
    file('f', '{"id":"a","tags":["x"]}\n{"id":"b","tags":["y","x"]}\n{"id":"c","tags":["y"]}'),
  ]);
  expect(result.lines).toEqual({ lines: 3, good: 2, duplicate: 0, quarantined: 1 });
  expect(held[0]).toMatchObject({ line: 2, detail: 'words 2: a row with the same word came before' });
});

test('makes the same bytes, in chunks of whole rows, of many records', () => {
  const lines = Array.from({ length: 3_000 }, (_, at) =>
    order(
      `order ${at}:`,
      Array.from({ length: 20 }, (_, of) => box(`${of}`)),
    ),
  );
  const [one, other] = [1, 2].map(() => runRoad(depot, [file('f', lines.join('\n'))]));
  expect(one!.rows['boxes']).toHaveLength(60_000);
  expect(one!.chunks['boxes']!.length).toBeGreaterThan(2);
  expect(Buffer.concat(one!.chunks['boxes']!).equals(Buffer.concat(other!.chunks['boxes']!))).toBe(true);
});

const DAYS = '../shared/data/retail';
const DAYS_NAME = existsSync(DAYS) ? 'the known answers of 25 real days' : 'no real days, as they are not here';

test(`makes ${DAYS_NAME}`, () => {
  if (!existsSync(DAYS)) return;
  const keys = readdirSync(DAYS, { recursive: true, encoding: 'utf8' }).filter((key) =>
    /(?:customers|products|transactions)\.json/u.test(key),
  );
  const segments = keys.toSorted().map((key) => {
    const bytes = readFileSync(`${DAYS}/${key}`);
    return file(key, bytes[0] === 0x1f ? gunzipSync(bytes) : bytes);
  });
  const { result, rows } = runRoad(retail, segments);
  expect(result.lines).toEqual({ lines: 11_299, good: 11_269, duplicate: 0, quarantined: 30 });
  expect(Object.entries(result.tables).map(([name, { good, quarantined }]) => [name, good, quarantined])).toEqual([
    ['customers', 762, 15],
    ['products', 2_453, 15],
    ['transactions', 8_054, 0],
    ['purchases', 24_725, 0],
    ['delivery_addresses', 8_054, 0],
  ]);
  expect(result.reasons).toEqual({ rule: 5, schema: 25 });
  expect(rows['purchases']).toHaveLength(24_725);
  expect(result.drift[0]).toEqual({ table: 'customers', field: 'address', records: 762 });
  expect(result.nulled).toEqual([]);
});
