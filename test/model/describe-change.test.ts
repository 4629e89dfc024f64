import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { CodeDescription } from '../../model/code-description.ts';
import { describeChange } from '../../model/describe-change.ts';

const column = (name: string, type: string, nullable = false) => ({
  ...{ name, type, nullable },
  value: { kind: 'field', path: [name], type, nullable },
});

const CAR: CodeDescription = {
  engine: 1,
  asset: 'fleet/car',
  columns: [column('id', 'text'), column('speed', 'double precision')],
  key: ['id'],
  split: null,
  contract: { type: 'object', entries: { id: { type: 'string' }, speed: { type: 'number' } } },
};

test.each<[string, CodeDescription, readonly string[]]>([
  ['nothing', CAR, []],
  ['the order of names, as the warehouse gives them', Object.fromEntries(Object.entries(CAR).reverse()), []],
  [
    'a new column',
    { ...CAR, columns: [...(CAR['columns'] as []), column('seats', 'bigint', true)] },
    ['column seats is new (bigint null)'],
  ],
  ['a column less', { ...CAR, columns: [column('id', 'text')] }, ['column speed is gone']],
  [
    'another type',
    { ...CAR, columns: [column('id', 'text'), column('speed', 'bigint')] },
    ['column speed was double precision, is bigint'],
  ],
  [
    'another field',
    {
      ...CAR,
      columns: [
        column('id', 'text'),
        { ...column('speed', 'double precision'), value: { kind: 'field', path: ['v'] } },
      ],
    },
    ['column speed is filled from something else'],
  ],
  [
    'the order of columns',
    { ...CAR, columns: [...(CAR['columns'] as [])].reverse() },
    ['the order of its columns changed'],
  ],
  [
    'the contract',
    { ...CAR, contract: { type: 'object', entries: { id: { type: 'string' }, speed: { type: 'string' } } } },
    ['contract: entries.speed.type was "number", is "string"'],
  ],
  [
    'a field that the contract has now',
    { ...CAR, contract: { type: 'object', entries: { ...entries(), at: { type: 'string' } } } },
    ['contract: entries.at is new'],
  ],
  ['Hourloom', { ...CAR, engine: 2 }, ['Hourloom itself was 1, is 2']],
  ['a statement', { ...CAR, statement: [{ kind: 'text', text: 'select'.repeat(20) }] }, ['statement changed']],
  ['a function', { ...CAR, function: 2 }, ['the version of its function was null, is 2']],
  ['what nobody here has heard of', { ...CAR, colour: ['a'] }, ['colour was null, is ["a"]']],
  ['a check', { ...CAR, checks: [{ name: 'unique_id', blocking: true }] }, ['check unique_id is new']],
])('says that there changed %s', (_, after, words) => {
  expect(describeChange(CAR, after)).toEqual(words);
});

function entries() {
  return { id: { type: 'string' }, speed: { type: 'number' } };
}

test('of a description that was too large for the record, what is known of it is compared', () => {
  const { columns = null, key = null } = CAR;
  const large: CodeDescription = { tooLarge: true, columns, key };
  expect(describeChange(large, { ...CAR, columns: [column('id', 'text')] })).toEqual(['column speed is gone']);
  const unknown = ['something changed that was too large for the record'];
  expect(describeChange(large, CAR)).toEqual(unknown);
  expect(describeChange({ tooLarge: true }, CAR)).toEqual(unknown);
});

/** As the record holds it: an object of JSON has the prototype of every other. */
function asJson(code: CodeDescription): CodeDescription {
  return JSON.parse(JSON.stringify(code)) as CodeDescription;
}

test('whatever differs is said in one sentence at least, and what does not in none', () => {
  fc.assert(
    fc.property(anyCode, anyCode, (before, after) => {
      expect(describeChange(before, structuredClone(before))).toEqual([]);
      // Null stands for what is not there.
      const isSame = isDeepStrictEqual(dropNulls(asJson(before)), dropNulls(asJson(after)));
      expect(describeChange(before, after).length > 0).toBe(!isSame);
    }),
  );
});

const anyColumns = fc.uniqueArray(
  fc.record({ name: fc.constantFrom('a', 'b'), type: fc.constantFrom('text', 'uuid'), nullable: fc.boolean() }),
  { selector: ({ name }) => name },
);
const anyCode: fc.Arbitrary<CodeDescription> = fc.record({
  columns: anyColumns,
  contract: fc.constantFrom<CodeDescription['']>(
    { a: 1 },
    { a: 2 },
    { b: [1, 2] },
    { a: 1, b: { c: null } },
    'any',
    null,
  ),
  version: fc.constantFrom<CodeDescription['']>(1, 2, null),
});

function dropNulls(code: CodeDescription): object {
  return Object.fromEntries(Object.entries(code).filter(([, value]) => value !== null));
}

test('more than eight changes are seven and a number', () => {
  const many = { ...CAR, columns: Array.from({ length: 30 }, (_, index) => column(`c${index}`, 'text')) };
  const words = describeChange(CAR, many);
  expect([words.length, words[0], words.at(-1)]).toEqual([8, 'column c0 is new (text)', 'and 25 more']);
});
