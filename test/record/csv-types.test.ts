import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { columnTypeOf, csvBoolean, csvInteger, csvNumber } from '../../record/contract-types.ts';
import { compileAccept } from '../../record/accept.ts';

function read(schema: v.GenericSchema, text: unknown): unknown {
  const result = v.safeParse(schema, text);
  return result.success ? result.output : 'refused';
}

describe('texts that mean values', () => {
  test.each([
    ['1', 1],
    [' -3.50 ', -3.5],
    ['+7', 7],
    ['.5', 0.5],
    ['5.', 5],
    ['1e3', 1000],
    ['007', 7],
    ['9007199254740991', 9007199254740991],
    ['9007199254740993', 'refused'],
    ['1e999', 'refused'],
    ['', 'refused'],
    ['1,5', 'refused'],
    ['1 000', 'refused'],
    ['NaN', 'refused'],
    ['Infinity', 'refused'],
    ['0x10', 'refused'],
    ['--1', 'refused'],
    [1, 'refused'],
  ])('csvNumber() reads %j as %j', (text, value) => {
    expect(read(csvNumber(), text)).toBe(value);
  });

  test.each([
    ['12', 12],
    ['-0012', -12],
    ['1.0', 'refused'],
    ['1e3', 'refused'],
    ['9007199254740993', 'refused'],
  ])('csvInteger() reads %j as %j', (text, value) => {
    expect(read(csvInteger(), text)).toBe(value);
  });

  test.each([
    ['true', true],
    ['F', false],
    [' Yes ', true],
    ['0', false],
    ['on', 'refused'],
    ['', 'refused'],
  ])('csvBoolean() reads %j as %j', (text, value) => {
    expect(read(csvBoolean(), text)).toBe(value);
  });
});

test('they make columns of their values, also with more checks on top', () => {
  expect([csvNumber(), csvInteger(), csvBoolean()].map(columnTypeOf)).toEqual([
    { type: 'double precision', nullable: false },
    { type: 'bigint', nullable: false },
    { type: 'boolean', nullable: false },
  ]);
  expect(columnTypeOf(v.optional(v.pipe(csvNumber(), v.minValue(0), v.integer())))).toEqual({
    type: 'bigint',
    nullable: true,
  });
});

test('a record is given on with the values, and a misfit says where and what was there', () => {
  const accept = compileAccept(
    v.object({ celsius: v.pipe(csvNumber(), v.maxValue(60)), dry: v.optional(csvBoolean()) }),
  );
  expect(accept({ celsius: '12.5', dry: 'no' })).toMatchObject({ kind: 'good', value: { celsius: 12.5, dry: false } });
  expect(accept({ celsius: '12.5' })).toMatchObject({ kind: 'good', value: { celsius: 12.5 } });
  expect(accept({ celsius: 'warm' })).toMatchObject({
    reason: 'schema',
    detail: 'celsius: expected the text of a number, received "warm"',
  });
  expect(accept({ celsius: '99' })).toMatchObject({ detail: 'celsius: expected <=60, received 99' });
});
