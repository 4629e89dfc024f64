import { expect, test } from 'vitest';
import { countWindows, listIndexes } from '../../model/index-ranges.ts';
import { takeWindows } from '../../model/take-windows.ts';

const RANGES = [
  { from: 10, to: 13 },
  { from: 20, to: 21 },
  { from: 30, to: 34 },
];

test('a page is cut from the end that comes first', () => {
  expect(takeWindows(RANGES, { order: 'oldest', offset: 0, limit: 4 })).toEqual(RANGES.slice(0, 2));
  expect(takeWindows(RANGES, { order: 'oldest', offset: 2, limit: 3 })).toEqual([
    { from: 12, to: 13 },
    { from: 20, to: 21 },
    { from: 30, to: 31 },
  ]);
  expect(takeWindows(RANGES, { order: 'newest', offset: 1, limit: 2 })).toEqual([{ from: 31, to: 33 }]);
  expect(takeWindows(RANGES, { order: 'newest', offset: 8, limit: 2 })).toEqual([]);
});

test.for(['oldest', 'newest'] as const)('the pages together are all windows, once, %s first', (order) => {
  const seen: number[] = [];
  for (let offset = 0; offset < countWindows(RANGES); offset += 3) {
    seen.push(...listIndexes(takeWindows(RANGES, { order, offset, limit: 3 }), order));
  }
  expect(seen).toEqual([...listIndexes(RANGES, order)]);
});
