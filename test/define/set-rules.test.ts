import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { hourly, key, pipeline, references, s3Files, table, timestamp } from '../../define/index.ts';
import type { Table } from '../../define/index.ts';
import { orderRuleSet } from '../../model/rule-set.ts';
import type { PipelineSpec } from '../../model/pipeline-spec.ts';
import { createTableStatements } from '../../record/ddl.ts';
import { runDefinition } from '../../testing/index.ts';
import { definitionOf } from '../hour/open-stack.ts';

const Person = v.object({ id: v.string(), name: v.string(), at: timestamp() });
const Order = v.object({
  id: v.string(),
  person: v.nullish(v.string()),
  parts: v.array(v.object({ sku: v.string(), count: v.number() })),
});

const people = table(Person, ({ id, name }) => ({ id: key(id, 'all hours'), name }));
const orders = table(Order, ({ id, person }) => ({ id: key(id, 'all hours'), person: references(people, person) }));
const parts = orders.each(
  (order) => order.parts,
  (part, order, line) => ({ order_id: key(order.id), line: key(line.index), sku: part.sku }),
);

function specOf(tables: Readonly<Record<string, Table>>): PipelineSpec {
  const source = s3Files('s3://shop/{yyyy}-{MM}-{dd}-{HH}/{table}.json');
  return definitionOf(pipeline('shop', { source, window: hourly('2026-01-01T00'), tables })).spec;
}

describe('a key over all hours', () => {
  const { tables } = specOf({ orders, parts, people });
  const tableOf = (name: string) => tables.find((each) => each.name === name)!;

  test('keeps all rows in a table beside the public one, with their positions', () => {
    expect(tableOf('people')).toMatchObject({
      name: 'people',
      key: ['id'],
      set: { asset: 'shop/people', rows: 'people_all', id: 'id' },
      columns: [
        { name: 'id' },
        { name: 'name' },
        { name: '_source_key', hidden: true, value: { kind: 'line', of: 'source_key' } },
        { name: '_line', hidden: true, value: { kind: 'line', of: 'number' } },
      ],
    });
  });

  test('holds for child tables by the id of their record', () => {
    expect(tableOf('parts')).toMatchObject({ set: { asset: 'shop/orders', rows: 'parts_all', id: 'order_id' } });
    expect(tableOf('parts').columns.map(({ name }) => name)).toEqual(['order_id', 'line', 'sku']);
  });

  test('makes the public table a view of those that no ruling names', () => {
    const statements = createTableStatements(tableOf('orders'));
    expect(statements.slice(2)).toEqual([
      'create index if not exists orders_hash_of_id on shop.orders_all using hash (id)',
      [
        'create or replace view shop.orders as',
        'select each.load_id, each.id, each.person',
        'from shop.orders_all as each',
        'where not exists (',
        '  select from hourloom.ruling',
        "  where ruling.asset = 'shop/orders'",
        '    and ruling.load_id = each.load_id',
        '    and ruling.id = each.id::text',
        ')',
      ].join('\n'),
    ]);
  });

  test('shows tests of a definition the columns that were written', async () => {
    const source = s3Files('s3://shop/{yyyy}-{MM}-{dd}-{HH}/{table}.json');
    const shop = pipeline('shop', { source, window: hourly('2026-01-01T00'), tables: { people } });
    const body = '{"id":"a","name":"Ann","at":"2026-01-01T00:00:00Z"}';
    const { rows } = await runDefinition(shop, [{ key: '2026-01-01-00/people.json', body }]);
    expect(rows.people).toEqual([{ id: 'a', name: 'Ann' }]);
  });

  test('puts tables after those that they refer to', () => {
    const ordered = orderRuleSet(tables);
    expect(ordered.map(({ table: { name }, isReferenced }) => [name, isReferenced])).toEqual([
      ['people', true],
      ['orders', false],
    ]);
    expect(ordered[1]?.references.map(({ from, column, to }) => [from.name, column.name, to.name])).toEqual([
      ['orders', 'person', 'people'],
    ]);
  });

  test('is part of the code version, and changes that of no other table', () => {
    const versionOf = (tableOfPeople: Table) => specOf({ people: tableOfPeople }).tables[0]?.codeVersion;
    const plain = table(Person, ({ id, name }) => ({ id: key(id), name }));
    expect(versionOf(plain)).not.toBe(versionOf(people));
    const sold = table(Order, ({ id, person }) => ({ id: key(id, 'all hours'), person: person }));
    expect(specOf({ orders: sold, people }).tables[0]?.codeVersion).not.toBe(tableOf('orders').codeVersion);
    // As it was before there were rules over the whole set.
    expect(specOf({ people: plain }).tables[0]).not.toHaveProperty('set');
  });
});

describe('what cannot be held to', () => {
  const refusal = (tables: Readonly<Record<string, Table>>): string => {
    try {
      specOf(tables);
      return 'taken';
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  };

  test('a reference to a table that the pipeline does not have', () => {
    expect(refusal({ orders })).toContain('column "person" refers to a table that the pipeline does not have');
  });

  test('a reference to a table without ids over all hours', () => {
    const plain = table(Person, ({ id }) => ({ id: key(id) }));
    const bought = table(Order, ({ id, person }) => ({
      id: key(id, 'all hours'),
      person: references(plain as never, person as never),
    }));
    expect(refusal({ plain, bought })).toContain(
      'column "person" refers to plain, whose rows have no ids over all hours',
    );
  });

  test('a reference from a table without ids over all hours', () => {
    const bought = table(Order, ({ id, person }) => ({ id: key(id), person: references(people, person) }));
    expect(refusal({ people, bought })).toContain('refers to another table, but the key is not over all hours');
  });

  test('tables that refer to each other in a circle', () => {
    const left: Table = table(Order, ({ id, person }) => ({
      id: key(id, 'all hours'),
      person: references(right as never, person as never),
    }));
    const right: Table = table(Order, ({ id, person }) => ({
      id: key(id, 'all hours'),
      person: references(left as never, person as never),
    }));
    expect(refusal({ left, right })).toContain('Tables refer to each other in a circle: left, right.');
  });

  test('a key of several columns, or of a time', () => {
    const two = table(Person, ({ id, name }) => ({ id: key(id, 'all hours'), name: key(name) }));
    expect(refusal({ two })).toContain('a key over all hours is one column');
    const timed = table(Person, ({ at }) => ({ at: key(at, 'all hours') }));
    expect(refusal({ timed })).toContain('its key "at" is timestamptz. Over all hours it is text, bigint or uuid.');
  });

  test('a child table whose key does not begin with its parent’s', () => {
    const stray = orders.each(
      (order) => order.parts,
      (part, order, line) => ({ line: key(line.index), order_id: key(order.id), sku: part.sku }),
    );
    expect(refusal({ orders, people, stray })).toContain('its own key begins with the parent\'s "id"');
  });

  test('a table of the name that another’s rows have', () => {
    const other = table(Person, ({ id }) => ({ id: key(id) }));
    expect(refusal({ people, people_all: other })).toContain('this name is taken by the table of all rows of people');
  });
});
