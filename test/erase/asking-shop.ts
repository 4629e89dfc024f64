import * as v from 'valibot';
import { direct, hourly, key, person, pipeline, s3Files, table } from '../../define/index.ts';
import type { Pipeline } from '../../define/index.ts';

const Customer = v.object({ id: v.string(), name: v.string(), email: v.string() });
const Request = v.object({ 'customer-id': v.nullish(v.string()), email: v.nullish(v.string()) });

const customers = table(Customer, ({ id, name, email }) => ({
  id: person(key(id)),
  name: direct(name),
  email: direct(email),
}));
const wishesToForget = table(
  Request,
  (request, line) => ({
    file: key(line.sourceKey),
    line: key(line.number),
    customer_id: person(request['customer-id']),
    email: direct(request.email),
  }),
  { asks: 'erasure' },
);

/** A shop whose customers ask to be forgotten in files of their own, `wishes-to-forget.json`; its name is the test's own. */
export function askingShop(name: string, zone?: string): Pipeline {
  return pipeline(name, {
    source: s3Files(`s3://${name.replaceAll('_', '-')}/{yyyy}-{MM}-{dd}/{HH}/{table}.json{|.gz}`),
    window: hourly('2026-01-01T00'),
    settle: '1 minute',
    lateness: '1 day',
    ...(zone === undefined ? {} : { zone }),
    tables: { customers, wishes_to_forget: wishesToForget },
  });
}

export const ANN = { id: '0042', name: 'Ann Lee', email: 'Ann.Lee@example.org' };
export const BEN = { id: '0043', name: 'Ben Fox', email: 'ben@example.org' };

/** What a file of a shop holds. */
export const lines = (...records: readonly object[]): string =>
  records.map((record) => `${JSON.stringify(record)}\n`).join('');
