import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  begunWindows,
  countWindows,
  endedWindows,
  intersectRanges,
  listIndexes,
  subtractRanges,
  timeOf,
  uniteRanges,
} from '../../model/index-ranges.ts';
import type { IndexRange, IndexRanges } from '../../model/index-ranges.ts';
import { windowIndex } from '../../model/window.ts';
import { HOURS, MONTHS, utc } from './specs.ts';

const anyRange = fc
  .tuple(fc.integer({ min: -40, max: 40 }), fc.integer({ min: -3, max: 12 }))
  .map(([from, length]): IndexRange => ({ from, to: from + length }));
const anyRanges = fc.array(anyRange, { maxLength: 12 }).map((ranges) => uniteRanges(ranges));

function range(from: number, to: number): IndexRange {
  return { from, to };
}

function setOf(ranges: IndexRanges): Set<number> {
  return new Set(listIndexes(ranges));
}

function expectTidy(ranges: IndexRanges): void {
  ranges.forEach(({ from, to }, at) => {
    expect(from).toBeLessThan(to);
    expect(from).toBeGreaterThan(ranges[at - 1]?.to ?? Number.NEGATIVE_INFINITY);
  });
}

describe('sets of windows', () => {
  test('pieces that overlap or touch become one', () => {
    expect(uniteRanges([range(5, 7), range(1, 3)], [range(3, 4), range(6, 9), range(20, 20)])).toEqual([
      range(1, 4),
      range(5, 9),
    ]);
    expect(uniteRanges()).toEqual([]);
  });

  test('what two have in common', () => {
    expect(intersectRanges([range(0, 10), range(20, 30)], [range(5, 22), range(25, 26), range(29, 40)])).toEqual([
      range(5, 10),
      range(20, 22),
      range(25, 26),
      range(29, 30),
    ]);
  });

  test('a hole in the middle leaves two pieces', () => {
    expect(subtractRanges([range(0, 10)], [range(3, 4)])).toEqual([range(0, 3), range(4, 10)]);
    expect(subtractRanges([range(0, 4), range(6, 9)], [range(2, 7)])).toEqual([range(0, 2), range(7, 9)]);
    expect(subtractRanges([range(0, 4)], [range(-1, 5)])).toEqual([]);
  });

  test('union, intersection and difference are those of sets, and stay tidy', () => {
    fc.assert(
      fc.property(anyRanges, anyRanges, (a, b) => {
        const [setA, setB] = [setOf(a), setOf(b)];
        const results = [uniteRanges(a, b), intersectRanges(a, b), subtractRanges(a, b)] as const;
        results.forEach(expectTidy);
        expect(results.map((ranges) => [...listIndexes(ranges)])).toEqual([
          [...new Set([...setA, ...setB])].sort((x, y) => x - y),
          [...setA].filter((index) => setB.has(index)).sort((x, y) => x - y),
          [...setA].filter((index) => !setB.has(index)).sort((x, y) => x - y),
        ]);
      }),
    );
  });

  test('they are counted without being listed', () => {
    expect(countWindows([range(0, 200_000), range(300_000, 300_001)])).toBe(200_001);
    fc.assert(
      fc.property(anyRanges, (ranges) => {
        expect(countWindows(ranges)).toBe(setOf(ranges).size);
      }),
    );
  });

  test('they are listed from either end, only as far as somebody asks', () => {
    const ranges = [range(1, 3), range(5, 6)];
    expect([...listIndexes(ranges)]).toEqual([1, 2, 5]);
    expect([...listIndexes(ranges, 'newest')]).toEqual([5, 2, 1]);
    const endless = listIndexes([range(0, Number.MAX_SAFE_INTEGER)], 'newest');
    expect(endless.next().value).toBe(Number.MAX_SAFE_INTEGER - 1);
  });
});

describe('windows in time', () => {
  test('the window under way has begun and has not ended', () => {
    const first = windowIndex(HOURS, HOURS.first);
    expect(begunWindows(HOURS, utc('2019-06-01T20:30:00Z'))).toEqual(range(first, first + 3));
    expect(endedWindows(HOURS, utc('2019-06-01T20:30:00Z'))).toEqual(range(first, first + 2));
    expect(endedWindows(HOURS, utc('2019-06-01T20:00:00Z'))).toEqual(range(first, first + 2));
  });

  test('before the first there is none', () => {
    const first = windowIndex(HOURS, HOURS.first);
    expect(begunWindows(HOURS, HOURS.first - 1)).toEqual(range(first, first));
    expect(endedWindows(HOURS, 0)).toEqual(range(first, first));
  });

  test('windows in a row are one stretch of time', () => {
    const first = windowIndex(MONTHS, MONTHS.first);
    expect(timeOf(MONTHS, range(first, first + 2))).toEqual({ start: utc('2019-06-01'), end: utc('2019-08-01') });
  });
});
