import * as fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import {
  blocking,
  daily,
  derived,
  eventTime,
  findDerived,
  findPipeline,
  functionCheck,
  hourly,
  key,
  nullRate,
  pipeline,
  rejects,
  rowCount,
  rows,
  s3Files,
  sql,
  sqlCheck,
  table,
  timestamp,
  unique,
  window,
} from '../../define/index.ts';
import type { Check } from '../../define/index.ts';

const Trip = v.object({ id: v.string(), at: timestamp(), km: v.optional(v.number()) });
const source = s3Files('s3://fleet/{yyyy}-{MM}-{dd}-{HH}.json');
const make = (options?: Parameters<typeof table>[2]) =>
  pipeline('fleet', {
    source,
    window: hourly('2026-01-01T00'),
    tables: { trips: table(Trip, ({ id, at, km }) => ({ id: key(id), at, km }), options as never) },
  });
const specOf = (...checks: readonly Check[]) => findPipeline(make({ checks: () => checks }))!.spec.tables[0]!;
const fleet = make();
const plain = findPipeline(fleet)!.spec.tables[0]!;
const day = (...checks: readonly Check<unknown>[]) =>
  findDerived(
    derived('fleet/days', {
      window: daily(),
      key: ['id'],
      row: v.object({ id: v.string() }),
      sql: sql`select id from ${fleet.trips} where at <@ ${window}`,
      checks: () => checks,
    }),
  )!.table;

test('checks are data, in their order, and warn unless they are blocking', () => {
  const checked = findPipeline(
    make({
      checks: ({ id, at, km }: never) => [
        blocking(rowCount({ min: 1, max: 10 })),
        nullRate(km, { max: 0.1 }),
        unique(id, at),
        eventTime(at, { within: '1 hour' }),
        blocking(rejects({ max: 0 })),
        sqlCheck('near', sql`select id from ${rows} where at <@ ${window}`),
        functionCheck('own', { version: 2, check: () => ({ passed: true }) }),
      ],
    }),
  )!;
  expect(checked.spec.tables[0]!.checks).toEqual([
    { name: 'row_count', blocking: true, rule: { kind: 'row_count', min: 1, max: 10 } },
    { name: 'null_rate(km)', blocking: false, rule: { kind: 'null_rate', column: 'km', max: 0.1 } },
    { name: 'unique(id, at)', blocking: false, rule: { kind: 'unique', columns: ['id', 'at'] } },
    { name: 'event_time(at)', blocking: false, rule: { kind: 'event_time', column: 'at', withinMs: 3_600_000 } },
    { name: 'rejects', blocking: true, rule: { kind: 'rejects', max: 0 } },
    {
      name: 'near',
      blocking: false,
      rule: {
        kind: 'sql',
        statement: [
          { kind: 'text', text: 'select id from ' },
          { kind: 'rows' },
          { kind: 'text', text: ' where at <@ ' },
          { kind: 'window' },
        ],
      },
    },
    { name: 'own', blocking: false, rule: { kind: 'function', version: 2 } },
  ]);
  expect([...checked.checkFunctions.entries()].map(([asset, run]) => [asset, Object.keys(run)])).toEqual([
    ['fleet/trips', ['own']],
  ]);
});

describe('the code version', () => {
  test('of a table without checks is what it was before there were any', () => {
    const versions = [plain, day()].map(({ codeVersion }) => codeVersion.slice(0, 16));
    expect(versions).toEqual(['edf1752c6715d85b', '5d7552a78386dd44']);
  });

  test('is the same without checks, however that is written', () => {
    expect('checks' in plain).toBe(false);
    expect(specOf()).toEqual(plain);
    expect(make({}).trips).toBeDefined();
  });

  test('changes with any check, with its bounds and with whether it blocks', () => {
    fc.assert(
      fc.property(fc.nat(1e6), fc.nat(1e6), (one, other) => {
        fc.pre(one !== other);
        const versions = [
          plain,
          ...[one, other].map((min) => specOf(rowCount({ min }))),
          specOf(blocking(rowCount({ min: one }))),
          specOf(functionCheck('own', { version: one + 1, check: () => ({ passed: true }) })),
          specOf(functionCheck('own', { version: other + 1, check: () => ({ passed: true }) })),
          specOf(sqlCheck('own', sql`select from ${rows}`)),
          specOf(sqlCheck('owned', sql`select from ${rows}`)),
        ].map(({ codeVersion }) => codeVersion);
        expect(new Set(versions).size).toBe(versions.length);
        expect(specOf(rowCount({ min: one })).codeVersion).toBe(versions[1]);
      }),
      { numRuns: 30 },
    );
  });

  test('of a derived asset follows its checks too', () => {
    expect(day()).not.toHaveProperty('checks');
    expect(day(rowCount({ min: 1 })).codeVersion).not.toBe(day().codeVersion);
  });
});

describe('refused, with what to write instead', () => {
  const own = sqlCheck('own', sql`select from ${rows}`);
  test.each<[string, () => unknown, string]>([
    ['a row count without a bound', () => rowCount({}), 'rowCount(): has no range.'],
    ['a reversed range', () => rowCount({ min: 2, max: 1 }), 'rowCount(): has no range.'],
    ['a share that is none', () => rejects({ max: 1 }), 'rejects(): 1 is no share from 0 to below 1.'],
    ['two of one name', () => specOf(own, own), `table 'fleet/trips': has two checks called "own".`],
    [
      'the name of the one that is always there',
      () => specOf(sqlCheck('new_fields', sql`select from ${rows}`)),
      'two checks called "new_fields"',
    ],
    [
      'a name that is none',
      () => specOf(sqlCheck('No name', sql`select from ${rows}`)),
      '"No name" is no name of a check.',
    ],
    ['something else', () => specOf({} as Check), 'its `checks` hold something else.'],
    [
      'a function without a version',
      () => specOf(functionCheck('own', { check: () => ({ passed: true }) } as never)),
      'its function has no `version`',
    ],
    ['no function', () => specOf(functionCheck('own', { version: 1 } as never)), 'check "own" has no function.'],
    [
      'a statement that does not read the rows',
      () => specOf(sqlCheck('own', sql`select 1`)),
      'Put it in: from ${rows}.',
    ],
    [
      'a statement that reads another table',
      () => specOf(sqlCheck('own', sql`select from ${rows}, ${fleet.trips}`)),
      'the statement reads "fleet/trips", of which these rows are not made',
    ],
    ['no statement', () => specOf(sqlCheck('own', 'select 1' as never)), 'its `sql` is no statement.'],
    [
      'a column that is not there',
      () => make({ checks: ({ speed }: never) => [unique(speed)] }),
      `table 'fleet/trips': there is no column "speed" to check. There is: id, at, km.`,
    ],
    [
      'a name in place of a column',
      () => make({ checks: () => [unique('km' as never)] }),
      'unique(): takes a column of the table',
    ],
    [
      'the null rate of a column that has none',
      () => make({ checks: ({ id }: never) => [nullRate(id, { max: 0 })] }),
      '"id" is never null.',
    ],
    [
      'the time of a column that has none',
      () => make({ checks: ({ km }: never) => [eventTime(km, { within: '1 hour' })] }),
      '"km" holds no time.',
    ],
    [
      'one column twice',
      () => make({ checks: ({ km }: never) => [unique(km, km)] }),
      'unique(): names no column, or one twice.',
    ],
  ])('%s', (_, make, said) => {
    expect(make).toThrow(said);
  });

  test('what a derived asset, or one whole, cannot be held to', () => {
    const whole = (checks: readonly Check<unknown>[]) =>
      derived('fleet/all', {
        key: ['id'],
        row: v.object({ id: v.string(), at: timestamp() }),
        sql: sql`select id, at from ${fleet.trips}`,
        checks: ({ at }) => [...checks, eventTime(at, { within: '1 hour' })],
      });
    expect(() => whole([])).toThrow('eventTime holds events against the end of a window, and there is none.');
    expect(() => whole([rejects({ max: 0 })])).toThrow('nothing of a derived asset is held back');
    expect(() => whole([sqlCheck('own', sql`select from ${rows} where at <@ ${window}`)])).toThrow(
      'the statement asks for ${window}, but there is none.',
    );
  });
});
