import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { KeySet, TooManyKeysError } from '../../record/key-set.ts';

const row = (key: readonly number[], content: readonly number[]) => ({
  key: Uint32Array.from(key),
  content: Uint32Array.from(content),
});

/** Keys whose first place is one of the last four of an empty set, so that many of them run over its end. */
const COLLIDING = Array.from({ length: 200_000 }, (_, index) => [index, 0, 0, 0])
  .filter(([first]) => (placeOf(first!) & 16_383) > 16_379)
  .slice(0, 41);

/** As the set mixes a key of one word. */
function placeOf(first: number): number {
  let hash = Math.imul(first, 0x85ebca6b);
  hash ^= Math.imul(hash >>> 15, 0x27d4eb2f);
  hash ^= Math.imul(hash >>> 13, 0x165667b1);
  return hash ^ (hash >>> 16);
}

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

test('forgets a key, and still knows all others, also those that stand behind it', () => {
  const keys = fc.array(fc.tuple(fc.constantFrom('add', 'remove'), fc.integer({ min: 0, max: 40 })), {
    maxLength: 300,
  });
  fc.assert(
    fc.property(keys, (steps) => {
      const set = new KeySet(100);
      const known = new Set<number>();
      for (const [step, number] of steps) {
        // All of these find their places side by side, at the end of the table and over it.
        const { key, content } = row(COLLIDING[number]!, [number, 1]);
        if (step === 'remove') {
          set.remove(key);
          known.delete(number);
          continue;
        }
        expect(set.add({ key, content })).toBe(known.has(number) ? 'same' : 'new');
        known.add(number);
      }
      expect(set.size).toBe(known.size);
    }),
    { numRuns: 500 },
  );
});
