import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import {
  around,
  daily,
  DefinitionError,
  derived,
  every,
  findDerived,
  hourly,
  key,
  monthly,
  orNull,
  pipeline,
  s3Files,
  sql,
  table,
  timestamp,
  uuid,
  window,
} from '../../define/index.ts';
import type { Statement, TableHandle } from '../../define/index.ts';
import type { DerivedSpec } from '../../model/derived-spec.ts';
import type { WindowKind } from '../../model/window.ts';

const Car = v.object({ id: uuid(), at: timestamp() });
const cars = table(Car, ({ id, at }) => ({ id: key(id), at }));
const source = s3Files('s3://traffic/{yyyy}-{MM}-{dd}-{HH}.json');
const traffic = pipeline('traffic', { source, window: hourly('2019-06-01T18'), tables: { cars } });
const transit = pipeline('transit', { source, window: hourly('2018-02-03T04'), tables: { cars } });

const row = v.object({ id: uuid(), seats: v.nullable(v.pipe(v.number(), v.integer())) });
const ofWindow = sql`select id, 5::bigint as seats from ${traffic.cars} where at <@ ${window}`;
const ofAll = sql`select id, 5::bigint as seats from ${traffic.cars}`;

/** A definition in plain JavaScript, where no compiler says no. */
function define(options: object, key = 'traffic/seats'): DerivedSpec {
  const spec = findDerived(derived(key, { key: ['id'], row, sql: ofWindow, window: daily(), ...options } as never));
  if (!spec) throw new Error('this is no derived asset');
  return spec;
}

/** What a derived asset with this window makes of a table with that one. */
function mappingOf(own: WindowKind | undefined, input: WindowKind): unknown {
  const read = pipeline('traffic', { source, window: { ...input, first: 0 }, tables: { cars } });
  const statement = own ? sql`select id from ${read.cars} where at <@ ${window}` : sql`select id from ${read.cars}`;
  return define({ window: own, sql: statement }).reads[0]?.mapping.kind;
}

describe('a derived asset', () => {
  test('is plain data: what it reads, its statement in parts, its columns', () => {
    expect(define({ when: 'complete' })).toEqual({
      asset: 'traffic/seats',
      window: { unit: 'day', first: Date.parse('2019-06-01T00:00:00Z') },
      reads: [{ asset: 'traffic/cars', mapping: { kind: 'within' } }],
      when: 'complete',
      computation: {
        kind: 'sql',
        statement: [
          { kind: 'text', text: 'select id, 5::bigint as seats from ' },
          { kind: 'table', schema: 'traffic', name: 'cars' },
          { kind: 'text', text: ' where at <@ ' },
          { kind: 'window' },
        ],
      },
      table: {
        asset: 'traffic/seats',
        schema: 'traffic',
        name: 'seats',
        columns: [
          { name: 'id', type: 'uuid', nullable: false, value: { kind: 'computed' } },
          { name: 'seats', type: 'bigint', nullable: true, value: { kind: 'computed' } },
        ],
        key: ['id'],
        splitValue: undefined,
        codeVersion: expect.stringMatching(/^[0-9a-f]{64}$/u) as string,
        code: expect.any(Object) as object,
      },
    });
  });

  test('without a window is one whole, made of all that it reads, computed from what is there', () => {
    const { window, reads, when } = define({ window: undefined, sql: ofAll });
    expect({ window, reads, when }).toEqual({
      window: undefined,
      reads: [{ asset: 'traffic/cars', mapping: { kind: 'all' } }],
      when: 'any',
    });
  });

  test('reads a table once, however often its statement does, sorted by asset', () => {
    const twice = sql`select id from ${transit.cars} union select id from ${traffic.cars} join ${transit.cars} using (id)`;
    expect(define({ window: undefined, sql: twice }).reads.map(({ asset }) => asset)).toEqual([
      'traffic/cars',
      'transit/cars',
    ]);
  });

  test('can be read by another one', () => {
    const days = derived('traffic/days', { window: daily(), key: ['id'], row, sql: ofWindow });
    const months = derived('reports/months', {
      window: monthly(),
      key: ['id'],
      row,
      sql: sql`select id, seats from ${days} where at <@ ${window}`,
    });
    expect(findDerived(months)).toMatchObject({
      window: { unit: 'month', first: Date.parse('2019-06-01T00:00:00Z') },
      reads: [{ asset: 'traffic/days', mapping: { kind: 'within' } }],
      table: { schema: 'reports', name: 'months' },
    });
  });

  test('begins with the window that holds the earliest of what it reads, unless it says so itself', () => {
    const both = sql`select id from ${traffic.cars} join ${transit.cars} using (id) where at <@ ${window}`;
    expect(define({ sql: both }).window?.first).toBe(Date.parse('2018-02-03T00:00:00Z'));
    expect(define({ sql: both, window: daily('2020-01-01') }).window?.first).toBe(Date.parse('2020-01-01T00:00:00Z'));
  });

  test('keeps a backslash of its statement', () => {
    const statement = sql`select id from ${traffic.cars} where id::text ~ '\d'`;
    expect(define({ window: undefined, sql: statement }).computation).toMatchObject({
      statement: [{}, {}, { kind: 'text', text: String.raw` where id::text ~ '\d'` }],
    });
  });

  test('reads neighbouring windows where it says so', () => {
    const reads = [around(traffic.cars, { offset: -1, count: 2 })];
    expect(define({ window: hourly(), reads }).reads).toEqual([
      { asset: 'traffic/cars', mapping: { kind: 'around', offset: -1, count: 2 } },
    ]);
  });

  test.each([
    ['same', hourly(), hourly()],
    ['same', every('1 hour'), hourly()],
    ['within', daily(), hourly()],
    ['within', monthly(), daily()],
    ['within', hourly(), every('15 minutes')],
    ['within', monthly(), every('8 hours')],
    ['all', undefined, hourly()],
  ] as const)('reads "%s" where its windows lie so: %j of %j', (kind, own, input) => {
    expect(mappingOf(own, input)).toBe(kind);
  });
});

describe('the code version of a derived asset', () => {
  const version = define({}).table.codeVersion;

  test('stays where its first window, or when it is computed, is another', () => {
    expect(define({ window: daily('2022-01-01'), when: 'complete' }).table.codeVersion).toBe(version);
    expect(
      define({ row: v.object({ ...row.entries, id: v.pipe(uuid(), v.description('Ours')) }) }).table.codeVersion,
    ).toBe(version);
  });

  test.each<[string, object]>([
    ['statement', { sql: sql`select id, 6::bigint as seats from ${traffic.cars} where at <@ ${window}` }],
    ['table in the statement', { sql: sql`select id, 5::bigint as seats from ${transit.cars} where at <@ ${window}` }],
    ['column', { row: v.object({ ...row.entries, at: timestamp() }) }],
    ["column's type", { row: v.object({ id: uuid(), seats: v.nullable(v.number()) }) }],
    ['null', { row: v.object({ id: uuid(), seats: v.pipe(v.number(), v.integer()) }) }],
    ['key', { row: v.object({ id: uuid(), seats: v.pipe(v.number(), v.integer()) }), key: ['id', 'seats'] }],
    ['length of its windows', { window: monthly() }],
  ])('changes with its %s', (_, options) => {
    expect(define(options).table.codeVersion).not.toBe(version);
  });

  test('changes with the windows that it reads', () => {
    const reads = [around(traffic.cars, { offset: -1, count: 2 })];
    expect(define({ window: hourly(), reads }).table.codeVersion).not.toBe(
      define({ window: hourly() }).table.codeVersion,
    );
  });
});

describe('a derived asset is refused', () => {
  const where = "derived 'traffic/seats'";
  const days = derived('traffic/days', { window: daily(), key: ['id'], row, sql: ofWindow });
  const whole = derived('traffic/whole', { key: ['id'], row, sql: ofAll });
  const read = (handle: TableHandle): Statement => sql`select id from ${handle} where at <@ ${window}`;
  const note = v.object({ ...row.entries, note: v.array(v.string()) });

  test.each<[string, object, string]>([
    [
      'its row lets misfits become null',
      { row: v.object({ ...row.entries, seats: orNull(v.number()) }) },
      'its `row` has orNull(…) for "seats", which is for records of others. Write v.nullable(…), and give null.',
    ],
    [
      'the statement is text',
      { sql: 'select id from traffic.cars' },
      'its `sql` is no statement. Write it as sql`select …`.',
    ],
    [
      'the statement holds a table that has no name',
      { sql: sql`select id from ${cars as unknown as TableHandle}` },
      'the statement holds something else than a table or `window` after "select id from". Put in a table of a pipeline, ' +
        'such as ${door2door.vehicle_location}, a derived asset, or ${window}.',
    ],
    [
      'it reads nothing',
      { sql: sql`select 1 where now() <@ ${window}` },
      'the statement reads no table. Put one in: from ${door2door.vehicle_location}.',
    ],
    [
      'each of its partitions would be the same',
      { sql: ofAll },
      'each partition would hold the same rows. Choose those of one: where event_timestamp <@ ${window}.',
    ],
    [
      'it has no windows, but asks for one',
      { window: undefined },
      'the statement asks for ${window}, but there is none. Add `window: daily()`.',
    ],
    [
      'what it reads has longer windows',
      { window: hourly(), sql: read(days) },
      'cannot read "traffic/days": it is made by the hour, which no whole number of its input\'s windows (day) fills. ' +
        'Choose a longer window.',
    ],
    [
      'it has windows and what it reads has none',
      { sql: read(whole) },
      'cannot read "traffic/whole": it has partitions, and each would be made again whenever anything it reads changes, ' +
        'as it reads an input without partitions. Leave its window out.',
    ],
    [
      'it reads the windows around one of another length',
      { reads: [around(traffic.cars, { offset: -1, count: 2 })] },
      'cannot read "traffic/cars": it is made by the day, its input by the hour. "around" counts windows of one length: ' +
        'use the same for both.',
    ],
    [
      '`reads` names what its statement does not',
      { reads: [around(transit.cars, { offset: -1, count: 2 })] },
      '`reads` names "transit/cars", which the statement does not read. Take it out.',
    ],
    [
      '`reads` names a table twice',
      { window: hourly(), reads: [-1, -2].map((offset) => around(traffic.cars, { offset, count: 1 })) },
      '`reads` names "traffic/cars" twice. Say once which windows are read.',
    ],
    ['its row is no object', { row: uuid() }, 'its `row` is no object. Write it as v.object({ … }).'],
    [
      'a column would hold a list',
      { row: note },
      'no column can hold what `row` says of "note". Use a text, a number, a boolean, timestamp() or uuid().',
    ],
    [
      'a column has the name of one of ours',
      { row: v.object({ id: uuid(), load_id: v.number() }) },
      'the column name "load_id" is taken by Hourloom. Choose another.',
    ],
    [
      'a column has a name that Postgres would cut',
      { row: v.object({ id: uuid(), ['n'.repeat(64)]: v.number() }) },
      `"${'n'.repeat(64)}" is no column name. Use lower case letters, digits and _, at most 63.`,
    ],
    ['it has no key', { key: [] }, 'its `key` names no column, or one twice. Name those that tell its rows apart.'],
    ['its key is no column', { key: ['name'] }, 'its `key` names "name", which `row` lacks. Add it there.'],
    ['its key can be null', { key: ['seats'] }, 'its key "seats" can be null. Make it required in `row`.'],
  ])('when %s', (_, options, problem) => {
    expect(() => define(options)).toThrow(new DefinitionError(where, problem));
  });

  test.each([
    ['seats', "is no key of a table. Write its schema and its name: 'door2door/daily_update'."],
    ['traffic/cars/seats', "is no key of a table. Write its schema and its name: 'door2door/daily_update'."],
    ['hourloom/seats', 'the SQL schema "hourloom" is taken. Choose another name.'],
    ['traffic/Seats', '"Seats" is no name. Use lower case letters, digits and _, at most 63.'],
    [`traffic/${'s'.repeat(64)}`, `"${'s'.repeat(64)}" is no name. Use lower case letters, digits and _, at most 63.`],
  ])('when its key is %j', (key, problem) => {
    expect(() => define({}, key)).toThrow(new DefinitionError(`derived '${key}'`, problem));
  });
});
