import { expect, test } from 'vitest';
import { readNamed, requestId, withoutErased } from '../../record/asked-person.ts';
import { isPseudonym, pseudonymOf, pseudonymOfId } from '../../record/pseudonym.ts';

const KEY = { id: 'k1', secret: 'a-secret-of-the-tests-with-some-length' };
const OTHER = { id: 'k2', secret: 'another-secret-of-the-tests-with-length' };
const ID = { kind: 'id', value: '0042' } as const;
const EMAIL = { kind: 'email', value: 'Ann.Lee@example.org' } as const;
const UUID = '6ba7b810-9dad-41d1-80b4-00c04fd430c8';

test('a request is the same however it is written, and another of another day, person or key', () => {
  const id = requestId(KEY, 'shop 2026-01-01', [ID, EMAIL]);
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/u);
  const same = [{ ...EMAIL, value: ' ann.lee@EXAMPLE.org ' }, ID, ID];
  expect(requestId(KEY, 'shop 2026-01-01', same)).toBe(id);
  const others = [
    requestId(KEY, 'shop 2026-01-02', [ID, EMAIL]),
    requestId(KEY, 'shop 2026-01-01', [ID]),
    requestId(KEY, 'shop 2026-01-01', [{ ...ID, value: EMAIL.value }, EMAIL]),
    requestId(OTHER, 'shop 2026-01-01', [ID, EMAIL]),
  ];
  expect(new Set([id, ...others]).size).toBe(5);
});

test.for([
  ['id', '0042', ID],
  ['email', EMAIL.value, EMAIL],
  ['id', ' ', undefined],
  ['id', null, undefined],
  ['email', 'Ann Lee', undefined],
] as const)('an %s %j names a person or nobody', ([kind, value, expected]) => {
  expect(readNamed(kind, value)).toEqual(expected);
});

test('who is erased is asked for no more, and nobody else is taken for one', () => {
  const erased = [
    { kind: 'id', value: pseudonymOfId(KEY, ID.value) },
    { kind: 'id', value: pseudonymOfId(KEY, UUID) },
    { kind: 'email', value: pseudonymOf(KEY, EMAIL.value) },
  ] as const;
  expect(withoutErased([...erased, ID, EMAIL], [OTHER, KEY])).toEqual([ID, EMAIL]);
  const living = [UUID, pseudonymOfId(KEY, UUID).replace(/.$/u, (last) => (last === '0' ? '1' : '0')), 'erased_me'];
  expect(living.filter((value) => isPseudonym([KEY], value))).toEqual([]);
  expect(isPseudonym([OTHER], pseudonymOfId(KEY, UUID))).toBe(false);
});
