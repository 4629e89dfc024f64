import * as v from 'valibot';
import { expect, test } from 'vitest';
import type { ColumnType } from '../../model/column.ts';
import { compileAccept } from '../../record/accept.ts';
import { columnTypeOf, timestamp, uuid } from '../../record/contract-types.ts';
import type { JsonObject } from '../../record/decode-line.ts';

test.for<[string, v.GenericSchema, ColumnType, boolean]>([
  ['a text', v.string(), 'text', false],
  ['a number', v.number(), 'double precision', false],
  ['a whole number', v.pipe(v.number(), v.integer()), 'bigint', false],
  ['a boolean', v.boolean(), 'boolean', false],
  ['a literal', v.literal('vehicle'), 'text', false],
  ['a choice', v.picklist(['a', 'b']), 'text', false],
  ['a timestamp', timestamp(), 'timestamptz', false],
  ['a timestamp with more checks', v.pipe(timestamp({ zone: 'UTC' }), v.maxLength(30)), 'timestamptz', false],
  ['a UUID', uuid(), 'uuid', false],
  ['an optional text', v.optional(v.string()), 'text', true],
  ['a text with a default', v.optional(v.string(), 'x'), 'text', false],
  ['a nullable UUID', v.nullable(uuid()), 'uuid', true],
  ['a nullish timestamp', v.nullish(v.nullable(timestamp())), 'timestamptz', true],
  ['a trimmed, branded text', v.pipe(v.string(), v.trim(), v.brand('Name')), 'text', false],
])('makes a column of %s', ([, schema, type, nullable]) => {
  expect(columnTypeOf(schema)).toEqual({ type, nullable });
});

test.for<[string, v.GenericSchema]>([
  ['an object', v.object({ a: v.string() })],
  ['an array', v.array(v.string())],
  ['texts and numbers', v.picklist(['a', 1])],
  ['a text turned into something else', v.pipe(v.string(), v.transform(Number))],
])('makes no column of %s', ([, schema]) => {
  expect(columnTypeOf(schema)).toBeUndefined();
});

const Contract = v.object({
  on: v.literal('vehicle'),
  at: timestamp(),
  id: uuid(),
  place: v.nullish(v.object({ lat: v.pipe(v.number(), v.maxValue(90)) })),
});

const right: JsonObject = {
  on: 'vehicle',
  at: '2019-06-01T18:17:03Z',
  id: '3A3EB23A-f22e-4fe9-8c20-f37220a81909',
  more: 1,
};

test('lets a record that keeps its contract pass as it is', () => {
  const accepted = compileAccept(Contract)(right);
  expect(accepted).toMatchObject({ kind: 'good', value: right });
});

test('lets a record pass as its contract changes it', () => {
  const accept = compileAccept(v.object({ name: v.pipe(v.string(), v.trim()), size: v.optional(v.number(), 1) }));
  expect(accept({ name: ' a ' })).toMatchObject({ kind: 'good', value: { name: 'a', size: 1 } });
});

test.for<[string, JsonObject, string, string]>([
  ['a missing field', { ...right, at: undefined as never }, 'schema', 'at: expected string, received nothing'],
  ['a wrong type', { ...right, place: { lat: null } }, 'schema', 'place.lat: expected number, received null'],
  ['a value out of bounds', { ...right, place: { lat: 90.1 } }, 'schema', 'place.lat: expected <=90, received 90.1'],
  ['no UUID', { ...right, id: 'v1' }, 'schema', 'id: expected a UUID, received "v1"'],
  [
    'no timestamp',
    { ...right, at: 'now' },
    'timestamp',
    'at: expected a timestamp such as 2019-06-01T18:17:03.087Z, received "now"',
  ],
  [
    'a timestamp long ago',
    { ...right, at: '1815-06-18T11:00:00Z' },
    'time_window',
    'at: expected a timestamp in the years 1900 to 2100, received "1815-06-18T11:00:00Z"',
  ],
  [
    'several misfits',
    { on: 'boat' },
    'schema',
    'on: expected "vehicle", received "boat"; at: expected a value, received nothing; id: expected a value, received nothing',
  ],
])('says what was expected and what came: %s', ([, record, reason, detail]) => {
  expect(compileAccept(Contract)(record)).toEqual({ kind: 'quarantined', reason, detail });
});

test('says no more than a little of what came', () => {
  const misfit = compileAccept(Contract)({ ...right, at: 'x'.repeat(100_000), id: 'y'.repeat(100_000) });
  expect(misfit.kind === 'quarantined' && misfit.detail.length).toBeLessThanOrEqual(500);
});

test('a pipe on top of a pipe goes on from what that one gave', () => {
  expect(columnTypeOf(v.pipe(v.pipe(v.number(), v.integer()), v.minValue(1)))).toEqual({
    type: 'bigint',
    nullable: false,
  });
  expect(columnTypeOf(v.pipe(v.pipe(v.string(), v.toNumber()), v.minValue(1)))).toBeUndefined();
  expect(columnTypeOf(v.pipe(timestamp(), v.toDate()))).toBeUndefined();
});
