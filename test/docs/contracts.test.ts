import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { expect, test } from 'vitest';
import {
  findPipeline,
  hourly,
  key,
  money,
  orNull,
  pipeline,
  rule,
  s3Files,
  table,
  timestamp,
} from '../../define/index.ts';
import { file, runRoad } from '../record/run-road.ts';

const PAGE = readFileSync(join(import.meta.dirname, '../../docs/contracts.md'), 'utf8');

// As the page has it.
const Item = v.object({ sku: v.string(), quantity: v.number(), total: money() });
const cents = (amount: string | number) => Math.round(Number(amount) * 100);
const Sale = v.pipe(
  v.object({
    id: v.string(),
    at: timestamp({ zone: 'UTC' }),
    weight: v.optional(orNull(v.number())),
    address: v.nullish(v.object({ city: v.string(), country: v.string() })),
    items: v.array(Item),
    total: money(),
  }),
  rule({
    version: 1,
    reason: 'total is not the sum of its items',
    holds: ({ items, total }) => items.reduce((sum, item) => sum + cents(item.total), 0) === cents(total),
  }),
);

function shopOf(contract: typeof Sale) {
  const sales = table(contract, ({ id, at, total, weight }) => ({ id: key(id), at, total, weight }));
  const source = s3Files('s3://shop-files/{yyyy}-{MM}-{dd}/{HH}/{table}.json{|.gz}');
  return findPipeline(pipeline('shop', { source, window: hourly('2026-01-01T00'), tables: { sales } }))!;
}

const sale = {
  id: 'a',
  at: '2026-01-01T00:42:43.585342',
  items: [{ sku: 'x', quantity: 2, total: '21.00' }],
  total: 21,
};
const { total: _, ...withoutTotal } = sale;

test.for<[string, object, string, string, object]>([
  [
    'a field that the contract does not name',
    { ...sale, items: [{ ...sale.items[0], colour: 'red' }] },
    'good',
    'items[].colour',
    { drift: [{ table: 'sales', field: 'items[].colour', records: 1 }] },
  ],
  [
    'a field missing that the contract requires',
    withoutTotal,
    'schema',
    'total: expected a value, received nothing',
    {},
  ],
  ['a field missing that is `v.optional` or `v.nullish`', sale, 'good', '', { drift: [], nulled: [] }],
  [
    'another type than the contract says',
    { ...sale, items: [{ ...sale.items[0], quantity: 'two' }] },
    'schema',
    'items.0.quantity: expected number, received "two"',
    {},
  ],
  [
    'inside `orNull(…)`',
    { ...sale, weight: 'heavy' },
    'good',
    '`nulled`',
    { nulled: [{ table: 'sales', field: 'weight', records: 1 }] },
  ],
  ['broken a `rule`', { ...sale, total: '20.99' }, 'rule', 'total is not the sum of its items', {}],
])('a record with %s ends as the page says', ([change, record, end, seen, counted]) => {
  const { result, held } = runRoad(shopOf(Sale), [file('2026-01-01/00/sales.json', JSON.stringify(record))]);
  expect(held.map(({ reason, detail }) => [reason, detail])).toEqual(end === 'good' ? [] : [[end, seen]]);
  expect(result).toMatchObject(counted);
  expect(PAGE).toContain(change);
  expect(PAGE).toContain(seen);
});

test('a field more than a `v.strictObject` names is refused as the page says', () => {
  const strict = v.strictObject(Sale.entries) as unknown as typeof Sale;
  const { held } = runRoad(shopOf(strict), [
    file('2026-01-01/00/sales.json', JSON.stringify({ ...sale, colour: 'red' })),
  ]);
  expect(held).toMatchObject([{ reason: 'schema', detail: 'colour: the contract has no such field' }]);
  expect(PAGE).toContain(held[0]!.detail);
});
