import * as v from 'valibot';
import { direct, hourly, key, person, pipeline, quasi, s3Files, table } from '../../define/index.ts';
import type { Pipeline } from '../../define/index.ts';

const Customer = v.object({
  kind: v.literal('customer'),
  id: v.string(),
  name: v.string(),
  email: v.pipe(v.string(), v.email()),
  phone: v.nullish(v.string()),
  address: v.object({ street: v.string(), postcode: v.string(), city: v.string() }),
});
const Order = v.object({
  kind: v.literal('order'),
  id: v.string(),
  customer_id: v.string(),
  amount: v.number(),
  deliveries: v.array(v.object({ street: v.string(), city: v.string() })),
});

const customers = table(Customer, ({ id, name, email, phone, address }) => ({
  id: person(key(id)),
  name: direct(name),
  email: direct(email),
  phone: direct(phone),
  street: direct(address.street),
  postcode: quasi(address.postcode),
  city: address.city,
}));
const orders = table(Order, ({ id, customer_id, amount }) => ({
  id: key(id),
  customer_id: person(customer_id),
  amount,
}));
const deliveries = orders.each(
  (order) => order.deliveries,
  ({ street, city }, order, line) => ({ order_id: key(order.id), line: key(line.index), street: direct(street), city }),
);

/** A shop whose two kinds of records come in one file an hour; its bucket is the test's own. */
export function shopIn(bucket: string, { name = 'shop', parquet = false } = {}): Pipeline {
  return pipeline(name, {
    parquet,
    source: s3Files(`s3://${bucket}/{yyyy}-{MM}-{dd}-{HH}.jsonl`),
    window: hourly('2026-01-01T00'),
    settle: '1 minute',
    lateness: '1 day',
    splitBy: 'kind',
    tables: { customers, orders, deliveries },
  });
}

/** The person whose erasure is asked for; every value of hers is found nowhere else. */
export const ANNA = {
  id: '04711',
  name: 'Anna Kareninova',
  email: 'Anna.K@Example.org',
  phone: '+44 7700 900123',
  street: '1 Station Road\nFlat 7',
  postcode: 'MK1 1XY',
};

export const customerLine = (who: typeof ANNA, more: object = {}): string =>
  JSON.stringify({
    kind: 'customer',
    id: who.id,
    name: who.name,
    email: who.email,
    phone: who.phone,
    address: { street: who.street, postcode: who.postcode, city: 'Moscow' },
    ...more,
  });

export const orderLine = (id: string, who: Pick<typeof ANNA, 'id' | 'street'>, more: object = {}): string =>
  JSON.stringify({
    kind: 'order',
    id,
    customer_id: who.id,
    amount: 10.25,
    deliveries: [{ street: who.street, city: 'Moscow' }],
    ...more,
  });
