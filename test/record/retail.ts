import * as v from 'valibot';
import { hourly, key, money, orNull, pipeline, rule, s3Files, table, timestamp } from '../../define/index.ts';
import { findPipeline } from '../../define/pipeline.ts';
import type { PipelineDefinition } from '../../record/pipeline-definition.ts';

const Address = v.object({ address: v.string(), postcode: v.string(), city: v.string(), country: v.string() });
const Purchase = v.object({
  sku: v.pipe(v.number(), v.integer()),
  quanitity: v.pipe(v.number(), v.integer()),
  price: money(),
  total: money(),
});

const cents = (amount: string | number): number => Math.round(Number(amount) * 100);

const Sale = v.pipe(
  v.object({
    transaction_id: v.string(),
    transaction_time: timestamp({ zone: 'UTC' }),
    customer_id: v.string(),
    delivery_address: v.nullish(Address),
    purchases: v.object({ products: v.array(Purchase), total_cost: money() }),
  }),
  rule({
    version: 1,
    reason: 'total_cost is not the sum of its lines',
    holds: ({ purchases: { products, total_cost } }) =>
      products.reduce((sum, { total }) => sum + cents(total), 0) === cents(total_cost),
  }),
);

const Customer = v.object({
  id: v.string(),
  first_name: v.string(),
  last_name: v.string(),
  email: v.string(),
  phone_number: v.optional(orNull(v.string())),
});
const Product = v.object({
  sku: v.pipe(v.number(), v.integer()),
  price: v.pipe(money(), rule({ version: 1, reason: 'price is not above 0', holds: (price) => Number(price) > 0 })),
  name: v.string(),
  category: v.string(),
  popularity: v.pipe(v.number(), v.gtValue(0)),
});

const transactions = table(Sale, (sale) => ({
  transaction_id: key(sale.transaction_id),
  transaction_time: sale.transaction_time,
  customer_id: sale.customer_id,
  total_cost: sale.purchases.total_cost,
}));

const purchases = transactions.each(
  (sale) => sale.purchases.products,
  (item, sale, line) => ({
    transaction_id: key(sale.transaction_id),
    line: key(line.index),
    sku: item.sku,
    quantity: item.quanitity,
    price: item.price,
    city: sale.delivery_address.city,
    source_line: line.number,
  }),
);

const deliveryAddresses = transactions.part(
  (sale) => sale.delivery_address,
  (address, sale) => ({ transaction_id: key(sale.transaction_id), ...address }),
);

/** Sales with their lines and addresses, beside customers and products: files' names choose the table. */
export const retail = pipeline('retail', {
  source: s3Files('s3://retail/date={yyyy}-{MM}-{dd}/hour={H|HH}/{table}.json{|.gz}'),
  window: hourly('2020-01-01T00'),
  settle: '10 minutes',
  lateness: '7 days',
  tables: {
    purchases,
    customers: table(Customer, ({ id, ...rest }) => ({ id: key(id), ...rest })),
    products: table(Product, ({ sku, ...rest }) => ({ sku: key(sku), ...rest })),
    transactions,
    delivery_addresses: deliveryAddresses,
  },
});

export const retailDefinition: PipelineDefinition = findPipeline(retail)!;

export interface SaleLine {
  readonly sku: number;
  readonly quanitity: number;
  readonly price: string | number;
  readonly total: string | number;
}

/** A sale as a line of JSON, whose cost is the sum of its lines; `fields` replace its own. */
export function saleLine(
  id: string,
  products: readonly SaleLine[],
  fields: Readonly<Record<string, unknown>> = {},
): string {
  const total = products.reduce((sum, line) => sum + cents(line.total), 0) / 100;
  return JSON.stringify({
    transaction_id: id,
    transaction_time: '2020-01-01T00:42:43.585342',
    customer_id: '012345',
    delivery_address: { address: '17 Heffron\nStreet', postcode: 'D06', city: 'Mariastad', country: 'Ireland' },
    purchases: { products, total_cost: total.toFixed(2) },
    ...fields,
  });
}

/** One line of a sale. */
export function item(sku: number, price: string | number = '10.00', quanitity = 1): SaleLine {
  return { sku, quanitity, price, total: (Number(price) * quanitity).toFixed(2) };
}
