import { expect, test } from 'vitest';
import { KeySet, TooManyKeysError } from '../../record/key-set.ts';

const row = (key: readonly number[], content: readonly number[]) => ({
  key: Uint32Array.from(key),
  content: Uint32Array.from(content),
});

test('tells a new key, a repeated row and a key with other values', () => {
  const keys = new KeySet(10);
  expect(keys.add(row([0, 0, 0, 0], [0, 0]))).toBe('new');
  expect(keys.add(row([0, 0, 0, 0], [0, 0]))).toBe('same');
  expect(keys.add(row([0, 0, 0, 0], [1, 0]))).toBe('conflict');
  expect(keys.add(row([0, 0, 0, 0], [0, 2]))).toBe('conflict');
  expect(keys.add(row([0, 0, 0, 1], [0, 0]))).toBe('new');
  expect(keys.add(row([0xffffffff, 0, 0, 0], [0xffffffff, 0xffffffff]))).toBe('new');
  expect(keys.add(row([0xffffffff, 0, 0, 0], [0xffffffff, 0xffffffff]))).toBe('same');
  expect(keys.size).toBe(3);
});

test('knows each of many keys again, also keys that differ in one word only', () => {
  const keys = new KeySet(1_000_000);
  const words = [0, 1, 2, 3].flatMap((word) =>
    Array.from({ length: 20_000 }, (_, index) => [0, 0, 0, 0].with(word, (index + 1) * 65_536)),
  );
  for (const key of words) expect(keys.add(row(key, [7, 7]))).toBe('new');
  for (const key of words) expect(keys.add(row(key, [7, 7]))).toBe('same');
  expect(keys.size).toBe(80_000);
});

test('refuses more keys than its limit', () => {
  const keys = new KeySet(2);
  keys.add(row([1, 0, 0, 0], [1, 1]));
  keys.add(row([2, 0, 0, 0], [1, 1]));
  expect(keys.add(row([1, 0, 0, 0], [1, 1]))).toBe('same');
  expect(() => keys.add(row([3, 0, 0, 0], [1, 1]))).toThrow(TooManyKeysError);
});
