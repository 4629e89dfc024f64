import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { DefinitionError, findPipeline, hourly, key, pipeline, s3Files, table } from '../../define/index.ts';
import type { Pipeline, Table } from '../../define/index.ts';
import type { PipelineSpec } from '../../model/pipeline-spec.ts';
import { retail } from '../record/retail.ts';

const Sale = v.object({
  kind: v.literal('sale'),
  id: v.string(),
  address: v.nullish(v.object({ city: v.string() })),
  lines: v.array(v.object({ sku: v.string(), tags: v.array(v.string()) })),
});
const sales = table(Sale, ({ id }) => ({ id: key(id) }));
const lines = sales.each(
  (sale) => sale.lines,
  (item, sale, line) => ({ id: key(sale.id), line: key(line.index), sku: item.sku }),
);
const addresses = sales.part(
  (sale) => sale.address,
  (address, sale) => ({ id: key(sale.id), city: address.city }),
);
const Refund = v.object({ kind: v.literal('refund'), id: v.string() });
const refunds = table(Refund, ({ id }) => ({ id: key(id) }));

const source = s3Files('s3://shop/{yyyy}-{MM}-{dd}-{HH}.json');
const window = hourly('2026-01-01T00');

function specOf(value: unknown): PipelineSpec {
  return findPipeline(value)!.spec;
}

function shop(tables: Readonly<Record<string, Table>>, options: object = {}): Pipeline {
  return pipeline('shop', { source, window, tables, ...options });
}

function versions(value: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(specOf(value).tables.map(({ name, codeVersion }) => [name, codeVersion]));
}

describe('child tables', () => {
  test('come after the tables of records, and say of which part of a record they are', () => {
    const tables = specOf(retail).tables.map(({ name, parent, key }) => ({ name, parent, key }));
    expect(tables).toEqual([
      { name: 'customers', parent: undefined, key: ['id'] },
      { name: 'products', parent: undefined, key: ['sku'] },
      { name: 'transactions', parent: undefined, key: ['transaction_id'] },
      {
        name: 'purchases',
        parent: { table: 'transactions', kind: 'each', path: ['purchases', 'products'] },
        key: ['transaction_id', 'line'],
      },
      {
        name: 'delivery_addresses',
        parent: { table: 'transactions', kind: 'part', path: ['delivery_address'] },
        key: ['transaction_id'],
      },
    ]);
  });

  test('have columns of the element, of the record and of its place in the list', () => {
    const { columns } = specOf(retail).tables.find(({ name }) => name === 'purchases')!;
    expect(columns).toEqual([
      {
        name: 'transaction_id',
        type: 'text',
        nullable: false,
        value: { kind: 'field', path: ['transaction_id'], type: 'text', nullable: false },
      },
      { name: 'line', type: 'bigint', nullable: false, value: { kind: 'line', of: 'index' } },
      {
        name: 'sku',
        type: 'bigint',
        nullable: false,
        value: { kind: 'field', path: ['sku'], type: 'bigint', nullable: false, ofElement: true },
      },
      {
        name: 'quantity',
        type: 'bigint',
        nullable: false,
        value: { kind: 'field', path: ['quanitity'], type: 'bigint', nullable: false, ofElement: true },
      },
      {
        name: 'price',
        type: 'numeric(19,4)',
        nullable: false,
        value: { kind: 'field', path: ['price'], type: 'numeric(19,4)', nullable: false, ofElement: true },
      },
      {
        name: 'city',
        type: 'text',
        nullable: true,
        value: { kind: 'field', path: ['delivery_address', 'city'], type: 'text', nullable: true },
      },
      { name: 'source_line', type: 'bigint', nullable: false, value: { kind: 'line', of: 'number' } },
    ]);
  });

  test('have what an object always has, because a row is made only where it is there', () => {
    const { columns } = specOf(retail).tables.find(({ name }) => name === 'delivery_addresses')!;
    expect(columns.map(({ name, nullable }) => `${name}${nullable ? ' null' : ''}`)).toEqual([
      'transaction_id',
      'address',
      'postcode',
      'city',
      'country',
    ]);
  });

  test('are data: a definition survives being written as JSON', () => {
    expect(JSON.parse(JSON.stringify(specOf(retail)))).toEqual(JSON.parse(JSON.stringify(specOf(retail))));
    expect(specOf(retail).tables.map(({ asset }) => asset)).toContain('retail/purchases');
  });

  test('follow their parent where a field chooses it', () => {
    const spec = specOf(shop({ sales, lines, refunds }, { splitBy: 'kind' }));
    expect(spec.tables.map(({ name, splitValue }) => [name, splitValue])).toEqual([
      ['sales', 'sale'],
      ['refunds', 'refund'],
      ['lines', undefined],
    ]);
  });

  test('need no field that chooses among them and their parent', () => {
    expect(specOf(shop({ sales, lines, addresses })).splitBy).toBeUndefined();
  });
});

describe('the code version', () => {
  const alone = versions(shop({ sales }));
  const both = versions(shop({ sales, lines }));

  test('of a table without child tables has no part in them', () => {
    const split = { splitBy: 'kind' };
    expect(versions(shop({ refunds, sales, lines }, split))['refunds']).toBe(
      versions(shop({ refunds, sales }, split))['refunds'],
    );
  });

  test('of parent and child changes with each other: their rows are written together or not at all', () => {
    const other = sales.each(
      (sale) => sale.lines,
      (item, sale, line) => ({ id: key(sale.id), line: key(line.index), sku: key(item.sku) }),
    );
    const changed = versions(shop({ sales, lines: other }));
    expect(both['sales']).not.toBe(alone['sales']);
    expect(changed['sales']).not.toBe(both['sales']);
    expect(changed['lines']).not.toBe(both['lines']);
    expect(versions(shop({ lines, sales }))).toEqual(both);
  });

  test('of a child table changes with the list that it is made of', () => {
    const Two = v.object({ id: v.string(), ones: v.array(v.string()), others: v.array(v.string()) });
    const two = table(Two, ({ id }) => ({ id: key(id) }));
    const [ones, others] = (['ones', 'others'] as const).map((name) =>
      versions(
        shop({
          two,
          child: two.each(
            (record) => record[name],
            (one, record, line) => ({ id: key(record.id), line: key(line.index), one }),
          ),
        }),
      ),
    );
    expect(ones!['child']).not.toBe(others!['child']);
  });
});

describe('a definition is refused', () => {
  const where = "table 'shop/lines'";
  const untyped = sales as unknown as {
    each(pick: (record: never) => unknown, columns: (...parts: never[]) => object): Table;
    part(pick: (record: never) => unknown, columns: (...parts: never[]) => object): Table;
  };

  test('when the parent of a child table is not among the tables', () => {
    expect(() => shop({ lines })).toThrow(
      new DefinitionError(
        where,
        'is made with each() of a table that the pipeline does not have. Add that one to `tables` too.',
      ),
    );
  });

  test('when the parent of a child table has two names', () => {
    expect(() => shop({ sales, again: sales, lines }, { splitBy: 'kind' })).toThrow(
      new DefinitionError(where, 'is made of a table with two names, "sales" and "again". Leave one of them.'),
    );
  });

  test('when each() picks no list, or part() no object', () => {
    expect(() =>
      shop({
        sales,
        lines: untyped.each(
          (sale: { id: string }) => sale.id,
          () => ({}),
        ),
      }),
    ).toThrow(new DefinitionError(where, 'each() picks no list of the record. Name one.'));
    expect(() =>
      shop({
        sales,
        lines: untyped.part(
          (sale: { lines: object }) => sale.lines,
          () => ({}),
        ),
      }),
    ).toThrow(new DefinitionError(where, 'part() picks no object of the record. Name one.'));
    expect(() =>
      shop({
        sales,
        lines: untyped.part(
          (sale: object) => sale,
          () => ({}),
        ),
      }),
    ).toThrow(new DefinitionError(where, 'part() picks no object of the record. Name one.'));
  });

  test('when a child table asks an element for what it lacks', () => {
    const child = untyped.each(
      (sale: { lines: object }) => sale.lines,
      (item: { colour: object }) => ({ colour: item.colour }),
    );
    expect(() => shop({ sales, lines: child })).toThrow(
      new DefinitionError(where, '"lines[]" has no field "colour"; it has sku, tags.'),
    );
  });

  test('when a child table has no key', () => {
    const child = sales.each(
      (sale) => sale.lines,
      (item) => ({ sku: item.sku }),
    );
    expect(() => shop({ sales, lines: child })).toThrow(/^table 'shop\/lines': has no key\./u);
  });

  test('when both a field and the names of files choose the table', () => {
    const named = s3Files('s3://shop/{yyyy}-{MM}-{dd}-{HH}-{table}.json');
    expect(() => shop({ sales, refunds }, { source: named, splitBy: 'kind' })).toThrow(
      new DefinitionError(
        "pipeline 'shop'",
        'has both `splitBy` and {table} in the names of its files. One of them chooses the table: leave the other away.',
      ),
    );
  });
});

test('files are told to their tables by name: to those of records alone', () => {
  const { source } = specOf(retail);
  expect(source).toEqual({
    kind: 's3',
    bucket: 'retail',
    pattern: 'date={yyyy}-{MM}-{dd}/hour={H|HH}/{table}.json{|.gz}',
    tables: ['customers', 'products', 'transactions'],
    hourOf: 'keyTime',
    clockOffsetMinutes: 0,
  });
});
