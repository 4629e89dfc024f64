import * as v from 'valibot';
import {
  direct,
  hourly,
  key,
  money,
  person,
  pipeline,
  quasi,
  references,
  rule,
  s3Files,
  table,
  timestamp,
} from '../../define/index.ts';
import { sampleShop } from './sample.ts';

const Text = v.pipe(v.string(), v.minLength(1));
const WholeNumber = v.pipe(v.number(), v.integer());

/** Amounts are summed in ten-thousandths, which doubles hold exactly. */
const exact = (amount: string | number): number => Math.round(Number(amount) * 10_000);
const sum = (amounts: readonly number[]): number => amounts.reduce((total, amount) => total + amount, 0);

const Customer = v.object({
  id: Text,
  first_name: Text,
  last_name: Text,
  email: Text,
  date_of_birth: v.nullish(v.string()),
  phone_number: v.nullish(v.string()),
  address: v.nullish(v.string()),
  city: v.nullish(v.string()),
  country: v.nullish(v.string()),
  postcode: v.nullish(v.string()),
  segment: v.nullish(v.string()),
  last_change: v.nullish(v.string()),
});

const Product = v.object({
  sku: WholeNumber,
  name: Text,
  category: Text,
  price: v.pipe(money(), rule({ version: 1, reason: 'price is not above 0', holds: (price) => exact(price) > 0 })),
  popularity: v.pipe(v.number(), v.gtValue(0)),
});

const Address = v.object({
  address: v.nullish(v.string()),
  postcode: v.nullish(v.string()),
  city: v.nullish(v.string()),
  country: v.nullish(v.string()),
});

// The field's name is spelled like this where it comes from.
const Purchase = v.object({ sku: WholeNumber, quanitity: WholeNumber, price: money(), total: money() });

const Sale = v.pipe(
  v.object({
    transaction_id: Text,
    transaction_time: timestamp({ zone: 'UTC' }),
    customer_id: Text,
    delivery_address: v.nullish(Address),
    purchases: v.object({ products: v.array(Purchase), total_cost: money() }),
  }),
  rule({
    version: 1,
    reason: 'total_cost is not the sum of its lines',
    holds: ({ purchases: { products, total_cost } }) =>
      exact(total_cost) === sum(products.map(({ total }) => exact(total))) &&
      exact(total_cost) === sum(products.map(({ price, quanitity }) => exact(price) * quanitity)),
  }),
);

const customers = table(Customer, ({ id, city, country, segment, last_change, ...who }) => ({
  id: person(key(id, 'all hours')),
  first_name: direct(who.first_name),
  last_name: direct(who.last_name),
  email: direct(who.email),
  date_of_birth: quasi(who.date_of_birth),
  phone_number: direct(who.phone_number),
  address: direct(who.address),
  city,
  country,
  postcode: quasi(who.postcode),
  segment,
  last_change,
}));
const products = table(Product, ({ sku, ...rest }) => ({ sku: key(sku, 'all hours'), ...rest }));

const transactions = table(Sale, ({ transaction_id, transaction_time, customer_id, purchases }) => ({
  transaction_id: key(transaction_id, 'all hours'),
  transaction_time,
  customer_id: references(customers, customer_id),
  total_cost: purchases.total_cost,
}));

const purchases = transactions.each(
  (sale) => sale.purchases.products,
  (item, sale, line) => ({
    transaction_id: key(sale.transaction_id),
    line: key(line.index),
    sku: references(products, item.sku),
    quantity: item.quanitity,
    price: item.price,
    total: item.total,
  }),
);

const deliveryAddresses = transactions.part(
  (sale) => sale.delivery_address,
  ({ address, postcode, city, country }, sale) => ({
    transaction_id: key(sale.transaction_id),
    address: direct(address),
    postcode: quasi(postcode),
    city,
    country,
  }),
);

const ErasureRequest = v.object({ 'customer-id': v.nullish(v.string()), email: v.nullish(v.string()) });

const erasureRequests = table(
  ErasureRequest,
  (request, line) => ({
    file: key(line.sourceKey),
    line: key(line.number),
    customer_id: person(request['customer-id']),
    email: direct(request.email),
  }),
  { asks: 'erasure' },
);

/**
 * A shop: its customers, products and sales. Ids are unique over all hours, and a sale is kept while its customer and all
 * of its products are.
 */
export const retail = pipeline('retail', {
  description: 'Customers, products and sales of a shop, and who asked it to be forgotten.',
  source: s3Files('s3://retail/date={yyyy}-{MM}-{dd}/hour={H|HH}/{table}.json{|.gz}'),
  window: hourly('2020-01-01T00'),
  settle: '10 minutes',
  lateness: '7 days',
  zone: 'Europe/Zagreb',
  tables: {
    customers,
    products,
    transactions,
    purchases,
    delivery_addresses: deliveryAddresses,
    erasure_requests: erasureRequests,
  },
  sample: sampleShop,
});
