import * as v from 'valibot';
import type { GenericSchema } from 'valibot';
import { describe, expect, test } from 'vitest';
import { DefinitionError, hashedUuid, key, table, timestamp, uuid } from '../../define/index.ts';
import type { Column, Line, Table } from '../../define/index.ts';
import { readTable } from '../../define/table.ts';
import type { TableColumn } from '../../define/table.ts';

const Reading = v.object({
  id: uuid(),
  at: timestamp(),
  isTest: v.boolean(),
  count: v.pipe(v.number(), v.integer()),
  note: v.optional(v.string()),
  site: v.optional(v.string(), 'unknown'),
  place: v.nullish(v.object({ lat: v.number(), floor: v.object({ level: v.number() }) })),
  engine: v.optional(v.object({ power: v.number() }), { power: 0 }),
  tags: v.array(v.string()),
});

function columnsOf(of: Table): readonly TableColumn[] {
  return readTable("table 'test/readings'", of).columns;
}

/** A definition in plain JavaScript: the record is anything and so are its columns. */
function untypedTable(
  columns: (record: UntypedRecord, line: Line) => unknown,
  contract: GenericSchema = Reading,
): Table {
  return table(contract, columns as (record: unknown, line: Line) => Record<string, Column>);
}
interface UntypedRecord extends Column<string, false> {
  readonly [name: string]: UntypedRecord;
}

function nullableOf(columns: readonly TableColumn[]): object {
  return Object.fromEntries(columns.map(({ name, nullable }) => [name, nullable]));
}

describe('columns', () => {
  test('have the types of their fields and stand in the order they were written', () => {
    const columns = columnsOf(
      table(Reading, ({ isTest, at, id, count, note, place }, line) => ({
        note,
        id: key(id),
        at,
        is_test: isTest,
        count,
        lat: place.lat,
        file: line.sourceKey,
        line: line.number,
      })),
    );
    expect(columns.map(({ name, type }) => `${name} ${type}`)).toEqual([
      'note text',
      'id uuid',
      'at timestamptz',
      'is_test boolean',
      'count bigint',
      'lat double precision',
      'file text',
      'line bigint',
    ]);
  });

  test('say from where in the record their value comes', () => {
    const columns = columnsOf(
      table(Reading, ({ id, place }, line) => ({ id: key(id), level: place.floor.level, line: line.number })),
    );
    expect(columns).toEqual([
      {
        name: 'id',
        type: 'uuid',
        nullable: false,
        isKey: true,
        value: { kind: 'field', path: ['id'], type: 'uuid', nullable: false },
      },
      {
        name: 'level',
        type: 'double precision',
        nullable: true,
        isKey: false,
        value: { kind: 'field', path: ['place', 'floor', 'level'], type: 'double precision', nullable: true },
      },
      { name: 'line', type: 'bigint', nullable: false, isKey: false, value: { kind: 'line', of: 'number' } },
    ]);
  });

  test('are nullable where the field or an object above it may be absent, and not where a default stands in', () => {
    const columns = columnsOf(
      table(Reading, ({ id, note, site, place, engine }) => ({
        id: key(id),
        note,
        site,
        lat: place.lat,
        level: place.floor.level,
        power: engine.power,
      })),
    );
    expect(nullableOf(columns)).toEqual({ id: false, note: true, site: false, lat: true, level: true, power: false });
  });

  test('what is left of a record can be spread into them', () => {
    const Flat = v.object({ id: uuid(), name: v.string(), size: v.nullable(v.number()) });
    const columns = columnsOf(table(Flat, ({ id, ...rest }) => ({ key: key(id), ...rest })));
    expect(columns.map(({ name, nullable, isKey }) => ({ name, nullable, isKey }))).toEqual([
      { name: 'key', nullable: false, isKey: true },
      { name: 'name', nullable: false, isKey: false },
      { name: 'size', nullable: true, isKey: false },
    ]);
  });

  test('an object that is spread gives its fields with their paths', () => {
    const Nested = v.object({ id: uuid(), place: v.object({ lat: v.number(), lng: v.number() }) });
    const columns = columnsOf(table(Nested, ({ id, place }) => ({ id: key(id), ...place })));
    expect(columns.map(({ name, value }) => [name, value.kind === 'field' && value.path])).toEqual([
      ['id', ['id']],
      ['lat', ['place', 'lat']],
      ['lng', ['place', 'lng']],
    ]);
  });

  test('a key can be of several', () => {
    const columns = columnsOf(table(Reading, ({ id, at, count }) => ({ id: key(id), count, at: key(at) })));
    expect(columns.filter(({ isKey }) => isKey).map(({ name }) => name)).toEqual(['id', 'at']);
  });

  test('a field called like a member of every object is a field', () => {
    const Odd = v.object({ id: uuid(), constructor: v.string(), toString: v.number() });
    const columns = columnsOf(
      untypedTable((record) => ({ id: key(record['id']!), a: record['constructor'], b: record['toString'] }), Odd),
    );
    expect(columns.map(({ name, type }) => `${name} ${type}`)).toEqual(['id uuid', 'a text', 'b double precision']);
  });
});

describe('a definition that the compiler did not see', () => {
  const inTable = (problem: string) => new DefinitionError("table 'test/readings'", problem);

  test('cannot name a field that the contract lacks', () => {
    expect(() => columnsOf(untypedTable(({ id, hight }) => ({ id: key(id!), hight })))).toThrow(
      inTable('the contract has no field "hight"; it has id, at, isTest, count, note, site, place, engine, tags.'),
    );
    expect(() => columnsOf(untypedTable(({ id, place }) => ({ id: key(id!), lat: place!['latitude'] })))).toThrow(
      inTable('"place" has no field "latitude"; it has lat, floor.'),
    );
    expect(() => columnsOf(untypedTable(({ id, toString }) => ({ id: key(id!), toString })))).toThrow(DefinitionError);
  });

  test('cannot look into what no column can be made of', () => {
    expect(() => columnsOf(untypedTable(({ id, tags }) => ({ id: key(id!), first: tags!['0'] })))).toThrow(
      inTable('"tags" has no field "0"; no column can be made of what it holds.'),
    );
  });

  test.each([
    ['an object', (record: UntypedRecord) => record['place']],
    ['a list', (record: UntypedRecord) => record['tags']],
    ['the whole record', (record: UntypedRecord) => record],
    ['a text', () => 'C'],
    ['nothing', () => undefined],
    ['null', () => null],
  ])('cannot make a column of %s', (_, wrong) => {
    expect(() => columnsOf(untypedTable((record) => ({ id: key(record['id']!), wrong: wrong(record) })))).toThrow(
      inTable('column "wrong" is no single value of the record. Name one of its fields.'),
    );
  });

  test('needs a key', () => {
    expect(() => columnsOf(untypedTable(({ id, at }) => ({ id, at })))).toThrow(
      inTable('has no key. Wrap the column that tells its rows apart in key(…).'),
    );
    expect(() => columnsOf(untypedTable(() => ({})))).toThrow(/has no key/u);
  });

  test('cannot have a key that may be null', () => {
    expect(() => columnsOf(untypedTable(({ note }) => ({ note: key(note!) })))).toThrow(
      new DefinitionError('key()', '"note" can be null. Make it required in the contract.'),
    );
    expect(() => columnsOf(untypedTable(({ place }) => ({ lat: key(place!['lat']!) })))).toThrow(
      new DefinitionError('key()', '"place.lat" can be null. Make it required in the contract.'),
    );
  });

  test('cannot have a key that is no single value', () => {
    expect(() => columnsOf(untypedTable(({ place }) => ({ place: key(place!) })))).toThrow(
      new DefinitionError('key()', 'takes a single value of the record. Name one of its fields.'),
    );
  });

  test.each([
    ['nothing', () => [], 'is given nothing. Name the fields that tell records apart.'],
    ['an object', ({ place }: UntypedRecord) => [place], 'takes a single value of the record. Name one of its fields.'],
    [
      'what may be null',
      ({ id, note }: UntypedRecord) => [id, note],
      '"note" can be null. Make it required in the contract.',
    ],
    ['a file name', (_: UntypedRecord, line: Line) => [line.sourceKey], 'takes fields of the record only.'],
  ])('cannot hash %s into an id', (_, parts, problem) => {
    const hash = hashedUuid as (...fields: readonly unknown[]) => Column;
    expect(() => columnsOf(untypedTable((record, line) => ({ id: hash(...parts(record, line)) })))).toThrow(
      new DefinitionError('hashedUuid()', problem),
    );
  });

  test.each(['Latitude', 'lat-1', '1st', '', 'größe', 'drop table', 'a'.repeat(64)])(
    'cannot call a column %j',
    (name) => {
      expect(() => columnsOf(untypedTable(({ id }) => ({ [name]: key(id!) })))).toThrow(
        inTable(`"${name}" is no column name. Use lower case letters, digits and _, at most 63.`),
      );
    },
  );

  test.each([
    ['load_id', 'Hourloom'],
    ['ctid', 'Postgres'],
    ['xmin', 'Postgres'],
  ])('cannot call a column %s, as every table of %s has one', (name, owner) => {
    expect(() => columnsOf(untypedTable(({ id }) => ({ [name]: key(id!) })))).toThrow(
      inTable(`the column name "${name}" is taken by ${owner}. Choose another.`),
    );
  });

  test('needs a contract that is an object', () => {
    const contract = v.union([v.object({ id: uuid() }), v.object({ id: v.string() })]);
    expect(() => columnsOf(untypedTable(({ id }) => ({ id: key(id!) }), contract))).toThrow(
      inTable('the contract is no object. Write it as v.object({ … }).'),
    );
  });
});
