import * as v from 'valibot';
import { expect, test } from 'vitest';
import {
  direct,
  files,
  hourly,
  key,
  parquet,
  person,
  pipeline,
  quasi,
  references,
  s3Files,
  sql,
  table,
  timestamp,
} from '../../define/index.ts';
import { hasPii, piiFields } from '../../model/pii-fields.ts';
import { definitionOf } from '../hour/open-stack.ts';

const Customer = v.object({ id: v.string(), name: v.string(), home: v.object({ code: v.string() }), at: timestamp() });
const Sale = v.object({ id: v.string(), customer: v.string(), lines: v.array(v.object({ to: v.string() })) });

const rest = {
  source: s3Files('s3://shop/{yyyy}-{MM}-{dd}/{HH}/{table}.json'),
  window: hourly('2026-01-01T00'),
} as const;

test('marks are data of their columns, and tell by path what an erasure changes', () => {
  const customers = table(Customer, ({ id, name, home }) => ({
    id: person(key(id, 'all hours')),
    name: direct(name),
    code: quasi(home.code),
  }));
  const sales = table(Sale, ({ id, customer }) => ({
    id: key(id, 'all hours'),
    customer: references(customers, customer),
  }));
  const lines = sales.each(
    (sale) => sale.lines,
    (item, sale, line) => ({ id: key(sale.id), line: key(line.index), to: direct(item.to) }),
  );
  const { spec } = definitionOf(pipeline('shop', { ...rest, tables: { customers, sales, lines } }));
  expect(hasPii(spec)).toBe(true);
  expect(spec.tables.map((each) => [each.name, piiFields(each, spec.tables)])).toEqual([
    [
      'customers',
      [
        { path: ['id'], pii: 'person' },
        { path: ['name'], pii: 'direct' },
        { path: ['home', 'code'], pii: 'quasi' },
      ],
    ],
    [
      'sales',
      [
        { path: ['customer'], pii: 'person' },
        { path: ['lines', 'to'], pii: 'direct' },
      ],
    ],
    ['lines', [{ path: ['lines', 'to'], pii: 'direct' }]],
  ]);
});

test('a table without marks tells of nobody and keeps its code version', () => {
  const plain = table(Customer, ({ id, name }) => ({ id: key(id), name }));
  const { spec } = definitionOf(pipeline('shop', { ...rest, tables: { customers: plain } }));
  expect(hasPii(spec)).toBe(false);
  expect(spec.tables[0]?.columns).toEqual([
    { name: 'id', type: 'text', nullable: false, value: expect.anything() },
    { name: 'name', type: 'text', nullable: false, value: expect.anything() },
  ]);
  const marked = table(Customer, ({ id, name }) => ({ id: key(id), name: direct(name) }));
  const other = definitionOf(pipeline('shop', { ...rest, tables: { customers: marked } }));
  expect(other.spec.tables[0]?.codeVersion).not.toBe(spec.tables[0]?.codeVersion);
});

test('what could not be replaced is refused', () => {
  const timed = table(Customer, ({ id, at }) => ({ id: key(id), at: direct(at) }));
  expect(() => pipeline('shop', { ...rest, tables: { customers: timed } })).toThrow(
    'direct(): "at" is timestamptz. Only texts and UUIDs have something to be put in their place: read it as one of them.',
  );
});

test('tables that tell of persons can be written as Parquet; whole files that a statement reads cannot', () => {
  const customers = table(Customer, ({ id, name }) => ({ id: person(key(id)), name: direct(name) }));
  expect(
    definitionOf(pipeline('shop', { ...rest, parquet: true, tables: { customers } })).spec.tables[0],
  ).toMatchObject({ parquet: true });
  const format = parquet({ columns: { id: 'text', name: 'text' }, records: sql`select * from ${files}` });
  const source = s3Files('s3://shop/{yyyy}-{MM}-{dd}-{HH}.parquet', { format });
  expect(() => pipeline('shop', { ...rest, source, tables: { customers } })).toThrow(
    "pipeline 'shop': has fields that tell of persons, and a statement over whole files. An erasure cannot tell which of their columns these fields come from: leave one of them away, or read the files by lines with format: parquet().",
  );
});
