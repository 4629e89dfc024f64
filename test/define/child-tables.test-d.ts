import * as v from 'valibot';
import { expectTypeOf } from 'vitest';
import { hashedUuid, hourly, key, money, orNull, pipeline, rule, s3Files, table } from '../../define/index.ts';
import type { Field, Money, Row } from '../../define/index.ts';

const Address = v.object({ city: v.string(), zip: v.nullish(v.string()) });
const Sale = v.object({
  id: v.string(),
  address: v.nullish(Address),
  notes: v.optional(v.array(v.string())),
  purchases: v.object({
    products: v.array(v.object({ sku: v.number(), price: money(), gift: v.optional(v.object({ text: v.string() })) })),
    total: money(),
  }),
  weight: orNull(v.number()),
});
const sales = table(Sale, ({ id, purchases, weight }) => ({ id: key(id), total: purchases.total, weight }));
expectTypeOf<Row<typeof sales>>().toEqualTypeOf<{
  readonly id: string;
  readonly total: Money;
  readonly weight: number | null;
}>();

// An element's fields are as the contract says of it; those of its record are there beside them.
const lines = sales.each(
  (sale) => sale.purchases.products,
  (item, sale, line) => {
    expectTypeOf(item.sku).toEqualTypeOf<Field<number, false>>();
    expectTypeOf(item.gift.text).toEqualTypeOf<Field<string, true>>();
    expectTypeOf(sale.address.city).toEqualTypeOf<Field<string, true>>();
    return { id: key(sale.id), line: key(line.index), sku: item.sku, gift: item.gift.text, file: line.sourceKey };
  },
);
expectTypeOf<Row<typeof lines>>().toEqualTypeOf<{
  readonly id: string;
  readonly line: number;
  readonly sku: number;
  readonly gift: string | null;
  readonly file: string;
}>();

// A list may be absent, and its elements may be single values.
sales.each(
  (sale) => sale.notes,
  (note, sale, line) => {
    expectTypeOf(note).toEqualTypeOf<Field<string, false>>();
    return { id: key(sale.id), line: key(line.index), note };
  },
);

// Where an object has a row it is there, so that what it always has is never null.
const addresses = sales.part(
  (sale) => sale.address,
  (address, sale) => {
    expectTypeOf(address.city).toEqualTypeOf<Field<string, false>>();
    expectTypeOf(address.zip).toEqualTypeOf<Field<string, true>>();
    return { id: key(sale.id), ...address };
  },
);
expectTypeOf<Row<typeof addresses>>().toEqualTypeOf<{
  readonly id: string;
  readonly city: string;
  readonly zip: string | null;
}>();

sales.each(
  // @ts-expect-error the contract has no list of this name.
  (sale) => sale.purchases.items,
  (_, sale, line) => ({ id: key(sale.id), line: key(line.index) }),
);

sales.each(
  // @ts-expect-error an address is one object and no list.
  (sale) => sale.address,
  (_, sale, line) => ({ id: key(sale.id), line: key(line.index) }),
);

sales.each(
  // @ts-expect-error an id is a single value and no list.
  (sale) => sale.id,
  (_, sale, line) => ({ id: key(sale.id), line: key(line.index) }),
);

sales.part(
  // @ts-expect-error products are a list and no object.
  (sale) => sale.purchases.products,
  (_, sale) => ({ id: key(sale.id) }),
);

sales.part(
  // @ts-expect-error an id is a single value and no object.
  (sale) => sale.id,
  (_, sale) => ({ id: key(sale.id) }),
);

sales.each(
  (sale) => sale.purchases.products,
  // @ts-expect-error an element has no field of this name.
  (item, sale) => ({ id: key(sale.id), colour: item.colour }),
);

sales.each(
  (sale) => sale.purchases.products,
  // @ts-expect-error an element is an object of several values.
  (item, sale) => ({ id: key(sale.id), item }),
);

sales.each(
  (sale) => sale.purchases.products,
  // @ts-expect-error a gift may be absent, and a key may not.
  (item, sale) => ({ id: key(sale.id), gift: key(item.gift.text) }),
);

// @ts-expect-error a record has no number among its own elements.
table(Sale, ({ id }, line) => ({ id: key(id), line: line.index }));

sales.part(
  (sale) => sale.address,
  // @ts-expect-error nor has a part, of which there is one.
  (_, sale, line) => ({ id: key(sale.id), line: line.index }),
);

// @ts-expect-error children of children are not made: pick the list of the record.
void lines.each;

sales.each(
  (sale) => sale.purchases.products,
  (item, sale) => ({ id: key(hashedUuid(sale.id, item.sku)), price: item.price }),
);

const source = s3Files('s3://shop/{yyyy}-{MM}-{dd}-{HH}.json');
const window = hourly('2026-01-01T00');
pipeline('shop', { source, window, tables: { sales, lines, addresses } });

// @ts-expect-error no contract has a literal to split by; a child table is chosen with its parent.
pipeline('shop', { source, window, splitBy: 'id', tables: { sales, lines } });

// A rule sees the value as the contract gives it.
v.pipe(
  Sale,
  rule({
    version: 1,
    reason: 'a weight is not negative',
    holds: (sale) => {
      expectTypeOf(sale.weight).toEqualTypeOf<number | null>();
      expectTypeOf(sale.purchases.total).toEqualTypeOf<Money>();
      return sale.weight === null || sale.weight >= 0;
    },
  }),
);

// @ts-expect-error a rule without a version could change and nobody would know.
v.pipe(Sale, rule({ reason: 'a weight is not negative', holds: (sale) => sale.id !== '' }));

// @ts-expect-error a rule says what is wrong where it does not hold.
v.pipe(Sale, rule({ version: 1, holds: (sale) => sale.id !== '' }));

// @ts-expect-error a promise comes too late.
v.pipe(Sale, rule({ version: 1, reason: 'is known', holds: async (sale) => sale.id !== '' }));

// @ts-expect-error the contract has no field of this name.
v.pipe(Sale, rule({ version: 1, reason: 'has a colour', holds: (sale) => sale.colour !== '' }));
