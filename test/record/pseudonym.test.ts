import { expect, test } from 'vitest';
import { pseudonymOf, pseudonymOfId } from '../../record/pseudonym.ts';

const KEY = { id: 'k', secret: 'a-secret-of-the-tests-with-some-length' };

test.for([
  ['an e-mail', 'Anna@Example.org', /^erased_[0-9a-f]{20}@erased\.invalid$/u],
  ['a phone number', '+44 (0)20-7946 0018x12', /^\+\d\d \(\d\)\d\d-\d{4} \d{4}[a-z]\d\d$/u],
  ['a postcode of letters and digits', 'MK1 1xy', /^[A-Z]{2}\d \d[a-z]{2}$/u],
  ['a postcode of digits', '10115', /^\d{5}$/u],
  ['a date', '1990-12-31', /^19\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])$/u],
  [
    'a UUID',
    '6ba7b810-9dad-11d1-80b4-00c04fd430c8',
    /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/u,
  ],
  ['a name', 'Anna', /^erased_[0-9a-f]{20}$/u],
  ['nothing', ' ', /^ $/u],
] as const)('%s keeps its shape', ([, value, shape]) => {
  const pseudonym = pseudonymOf(KEY, value);
  expect(pseudonym).toMatch(shape);
  expect(pseudonymOf(KEY, value)).toBe(pseudonym);
  expect(pseudonymOf({ ...KEY, secret: 'another-secret-of-the-tests-with-length' }, value) === pseudonym).toBe(
    value === ' ',
  );
});

test('no value stands for itself, short ones neither', () => {
  const values = Array.from({ length: 10 }, (_, digit) => String(digit));
  expect(values.filter((value) => pseudonymOf(KEY, value) === value)).toEqual([]);
});

test('an id becomes what no living id is', () => {
  expect(pseudonymOfId(KEY, '0042')).toMatch(/^erased_[0-9a-f]{20}$/u);
});
