import * as fc from 'fast-check';
import { formatPartition } from '../../model/window.ts';
import type { Instant } from '../../model/window.ts';
import type { SourceFile } from './publish-hour.ts';

/** A shop with few ids, so that they meet: in several hours, with other values, before and after what they refer to. */
export interface Hour {
  readonly customers: readonly Named[];
  readonly products: readonly Named[];
  readonly sales: readonly Sale[];
}

interface Named {
  readonly id: number;
  /** Records of one id with another name are in conflict. */
  readonly name: string;
}

interface Sale {
  readonly id: number;
  readonly customer: number;
  readonly skus: readonly number[];
}

const named = fc.record({ id: fc.nat(4), name: fc.constantFrom('Ann', 'Bob') });
const unique = <T extends { readonly id: number }>(one: fc.Arbitrary<T>, maxLength: number) =>
  fc.uniqueArray(one, { selector: ({ id }) => id, maxLength });

export const anyHour: fc.Arbitrary<Hour> = fc.record({
  customers: unique(named, 3),
  products: unique(named, 3),
  sales: unique(
    fc.record({ id: fc.nat(5), customer: fc.nat(4), skus: fc.array(fc.nat(4), { minLength: 1, maxLength: 2 }) }),
    4,
  ),
});

const FIRST = Date.parse('2020-01-01T00:00:00Z');

/** The start of the n-th hour. */
export function hourAt(index: number): Instant {
  return FIRST + index * 3_600_000;
}

/** The files of an hour; kinds without records have none. */
export function filesOf(start: Instant, { customers, products, sales }: Hour): readonly SourceFile[] {
  const kinds = {
    customers: customers.map(({ id, name }) => ({ id: `c${id}`, first_name: name, last_name: 'Lee', email: 'a@b.c' })),
    products: products.map(({ id, name }) => ({ sku: id, name, category: 'x', price: '1.00', popularity: 1 })),
    transactions: sales.map(({ id, customer, skus }) => ({
      transaction_id: `t${id}`,
      transaction_time: '2020-01-01T00:00:00',
      customer_id: `c${customer}`,
      delivery_address: { city: 'Mariastad' },
      purchases: {
        products: skus.map((sku) => ({ sku, quanitity: 1, price: '1.00', total: '1.00' })),
        total_cost: `${skus.length}.00`,
      },
    })),
  };
  return Object.entries(kinds).flatMap(([kind, records]) =>
    records.length === 0
      ? []
      : [{ key: keyOf(start, kind), body: records.map((record) => `${JSON.stringify(record)}\n`).join('') }],
  );
}

function keyOf(start: Instant, kind: string): string {
  const [date, hour] = formatPartition({ unit: 'hour' }, start).split('T');
  return `date=${date}/hour=${hour}/${kind}.json`;
}

/** What is to be seen of a shop, as plain values in an order of their own. */
export interface ShopState {
  readonly customers: readonly string[];
  readonly products: readonly string[];
  readonly transactions: readonly string[];
  readonly purchases: readonly string[];
  readonly addresses: readonly string[];
  readonly held: readonly string[];
}

interface Placed<T> {
  readonly record: T;
  readonly place: string;
  readonly file: string;
}

/** The state by the rules themselves, from all hours at once, one record after the other. */
export function judgeShop(hours: ReadonlyMap<Instant, Hour>): ShopState {
  const ordered = [...hours].sort(([a], [b]) => a - b);
  const list = <T>(kind: string, pick: (hour: Hour) => readonly T[]): readonly Placed<T>[] =>
    ordered.flatMap(([start, hour]) =>
      pick(hour).map((record, index) => ({ record, place: `line ${index + 1}`, file: keyOf(start, kind) })),
    );
  const customers = keepFirst(
    'customers',
    'id',
    list('customers', (hour) => hour.customers),
  );
  const products = keepFirst(
    'products',
    'sku',
    list('products', (hour) => hour.products),
  );
  const sales = keepFirst(
    'transactions',
    'transaction_id',
    list('transactions', (hour) => hour.sales),
  );

  const heldSales: string[] = [];
  const kept = sales.kept.filter(({ record: { customer, skus }, file, place }) => {
    const broken = !customers.ids.has(customer)
      ? 'customer_id refers to no kept row of retail/customers'
      : skus.some((sku) => !products.ids.has(sku))
        ? 'purchases.sku refers to no kept row of retail/products'
        : undefined;
    if (broken !== undefined) heldSales.push(`retail/transactions ${file} ${place} reference: ${broken}`);
    return broken === undefined;
  });
  return {
    customers: customers.kept.map(({ record: { id, name } }) => `c${id} ${name}`).sort(),
    products: products.kept.map(({ record: { id, name } }) => `${id} ${name}`).sort(),
    transactions: kept.map(({ record: { id, customer, skus } }) => `t${id} c${customer} ${skus.length}`).sort(),
    purchases: kept.flatMap(({ record: { id, skus } }) => skus.map((sku, at) => `t${id} ${at + 1} ${sku}`)).sort(),
    addresses: kept.map(({ record: { id } }) => `t${id}`).sort(),
    held: [...customers.held, ...products.held, ...sales.held, ...heldSales].sort(),
  };
}

function keepFirst<T extends { readonly id: number }>(table: string, id: string, records: readonly Placed<T>[]) {
  const first = new Map<number, Placed<T>>();
  const held: string[] = [];
  for (const placed of records) {
    const before = first.get(placed.record.id);
    if (!before) first.set(placed.record.id, placed);
    else {
      const reason = JSON.stringify(before.record) === JSON.stringify(placed.record) ? 'duplicate' : 'key_conflict';
      held.push(
        `retail/${table} ${placed.file} ${placed.place} ${reason}: the record of this ${id} in ${before.file} ${before.place} is kept`,
      );
    }
  }
  return { kept: [...first.values()], ids: new Set(first.keys()), held };
}
