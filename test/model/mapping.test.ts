import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { derivedRange, findMappingProblem, inputRange, WHOLE } from '../../model/mapping.ts';
import type { Mapping } from '../../model/mapping.ts';
import { windowIndex } from '../../model/window.ts';
import type { WindowKind, WindowSpec } from '../../model/window.ts';
import { DAYS, HOURS, MONTHS, utc } from './specs.ts';

const SAME: Mapping = { kind: 'same' };
const WITHIN: Mapping = { kind: 'within' };
const ALL: Mapping = { kind: 'all' };
const NOW = utc('2019-07-04T12:30:00Z');

function hours(from: string, to: string) {
  return { from: windowIndex(HOURS, utc(from)), to: windowIndex(HOURS, utc(to)) };
}

function days(from: string, to: string) {
  return { from: windowIndex(DAYS, utc(from)), to: windowIndex(DAYS, utc(to)) };
}

function day(text: string) {
  return { window: DAYS, index: windowIndex(DAYS, utc(text)) };
}

describe('what a window is made of', () => {
  test('a day is made of its 24 hours, and the first day of those there can be', () => {
    expect(inputRange(WITHIN, day('2019-06-02'), HOURS, NOW)).toEqual(hours('2019-06-02T00:00Z', '2019-06-03T00:00Z'));
    expect(inputRange(WITHIN, day('2019-06-01'), HOURS, NOW)).toEqual(hours('2019-06-01T18:00Z', '2019-06-02T00:00Z'));
    const before = inputRange(WITHIN, day('2019-05-31'), HOURS, NOW);
    expect(before.to - before.from).toBe(0);
  });

  test('a month is made of as many days as the calendar says', () => {
    const june = { window: MONTHS, index: windowIndex(MONTHS, utc('2019-06-01')) };
    expect(inputRange(WITHIN, june, DAYS, NOW)).toEqual(days('2019-06-01', '2019-07-01'));
  });

  test('a day and the one before it', () => {
    const mapping: Mapping = { kind: 'around', offset: -1, count: 2 };
    expect(inputRange(mapping, day('2019-06-03'), DAYS, NOW)).toEqual(days('2019-06-02', '2019-06-04'));
    expect(inputRange(mapping, day('2019-06-01'), DAYS, NOW)).toEqual(days('2019-06-01', '2019-06-02'));
  });

  test('the same window', () => {
    expect(inputRange(SAME, day('2019-06-03'), DAYS, NOW)).toEqual(days('2019-06-03', '2019-06-04'));
  });

  test('an asset without partitions is made of all windows that are over, or of the other whole', () => {
    const own = { window: undefined, index: 0 };
    expect(inputRange(ALL, own, HOURS, NOW)).toEqual(hours('2019-06-01T18:00Z', '2019-07-04T12:00Z'));
    expect(inputRange(ALL, own, undefined, NOW)).toEqual(WHOLE);
  });
});

describe('what is made of a window', () => {
  test('an hour reaches its day, hours on both sides of midnight two', () => {
    const input = (from: string, to: string) => ({ window: HOURS, range: hours(from, to) });
    expect(derivedRange(WITHIN, input('2019-06-01T18:00Z', '2019-06-01T19:00Z'), DAYS)).toEqual(
      days('2019-06-01', '2019-06-02'),
    );
    expect(derivedRange(WITHIN, input('2019-06-01T23:00Z', '2019-06-02T01:00Z'), DAYS)).toEqual(
      days('2019-06-01', '2019-06-03'),
    );
  });

  test('a day reaches the next where that reads the one before', () => {
    const input = { window: DAYS, range: days('2019-06-02', '2019-06-03') };
    expect(derivedRange({ kind: 'around', offset: -1, count: 2 }, input, DAYS)).toEqual(
      days('2019-06-02', '2019-06-04'),
    );
  });

  test('no window reaches none, and any window reaches an asset without partitions', () => {
    expect(derivedRange(WITHIN, { window: HOURS, range: { from: 7, to: 7 } }, DAYS)).toEqual({ from: 0, to: 0 });
    expect(derivedRange(ALL, { window: HOURS, range: { from: 7, to: 9 } }, undefined)).toEqual(WHOLE);
    expect(derivedRange(ALL, { window: undefined, range: WHOLE }, undefined)).toEqual(WHOLE);
  });

  test('a window is made of an input exactly where that input reaches it, whatever the mapping', () => {
    const first = fc.integer({ min: utc('2018-01-01'), max: utc('2019-01-01') });
    const from = (kind: WindowKind) => first.map((at): WindowSpec => ({ ...kind, first: at }));
    const kinds = [
      { unit: 'month' },
      { unit: 'day' },
      { unit: 'every', ms: 21_600_000 },
      { unit: 'hour' },
      { unit: 'every', ms: 900_000 },
    ] as const satisfies WindowKind[];
    const anyCase = fc.oneof(
      fc
        .tuple(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 0, max: 4 }))
        .filter(([outer, inner]) => outer <= inner)
        .chain(([outer, inner]) =>
          fc.tuple(fc.constant(WITHIN), from(kinds[outer] ?? kinds[0]), from(kinds[inner] ?? kinds[0])),
        ),
      fc
        .tuple(fc.constantFrom(...kinds), fc.integer({ min: -5, max: 5 }), fc.integer({ min: 1, max: 5 }))
        .chain(([kind, offset, count]) =>
          fc.tuple(fc.constantFrom<Mapping>(SAME, { kind: 'around', offset, count }), from(kind), from(kind)),
        ),
    );
    const near = fc.integer({ min: utc('2017-12-01'), max: utc('2019-03-01') });
    fc.assert(
      fc.property(anyCase, near, near, fc.nat({ max: 40 }), ([mapping, own, input], ownAt, inputAt, length) => {
        expect(findMappingProblem(mapping, own, input)).toBeUndefined();
        const j = Math.max(windowIndex(own, ownAt), windowIndex(own, own.first));
        const i = Math.max(windowIndex(input, inputAt), windowIndex(input, input.first));
        const made = inputRange(mapping, { window: own, index: j }, input, NOW);
        const reached = derivedRange(mapping, { window: input, range: { from: i, to: i + 1 + length } }, own);
        const isMadeOfAny = Math.max(made.from, i) < Math.min(made.to, i + 1 + length);
        expect(j >= reached.from && j < reached.to).toBe(isMadeOfAny);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('windows that do not map', () => {
  const QUARTERS: WindowKind = { unit: 'every', ms: 900_000 };
  const AN_HOUR: WindowKind = { unit: 'every', ms: 3_600_000 };

  test.each<[Mapping, WindowKind | undefined, WindowKind | undefined]>([
    [SAME, DAYS, DAYS],
    [SAME, HOURS, AN_HOUR],
    [WITHIN, DAYS, HOURS],
    [WITHIN, HOURS, QUARTERS],
    [WITHIN, MONTHS, QUARTERS],
    [WITHIN, MONTHS, MONTHS],
    [{ kind: 'around', offset: -6, count: 7 }, DAYS, DAYS],
    [ALL, undefined, HOURS],
    [ALL, undefined, undefined],
  ])('%j of %j over %j does', (mapping, own, input) => {
    expect(findMappingProblem(mapping, own, input)).toBeUndefined();
  });

  test.each<[Mapping, WindowKind | undefined, WindowKind | undefined, string]>([
    [
      SAME,
      DAYS,
      HOURS,
      'is made by the day, its input by the hour. Use the mapping "within", or the same window for both.',
    ],
    [
      WITHIN,
      HOURS,
      DAYS,
      "is made by the hour, which no whole number of its input's windows (day) fills. Choose a longer window.",
    ],
    [
      WITHIN,
      HOURS,
      { unit: 'every', ms: 2_400_000 },
      "is made by the hour, which no whole number of its input's windows (40 minutes) fills. Choose a longer window.",
    ],
    [
      WITHIN,
      DAYS,
      MONTHS,
      "is made by the day, which no whole number of its input's windows (month) fills. Choose a longer window.",
    ],
    [
      { kind: 'around', offset: -1, count: 2 },
      DAYS,
      HOURS,
      'is made by the day, its input by the hour. "around" counts windows of one length: use the same for both.',
    ],
    [
      { kind: 'around', offset: 0.5, count: 0 },
      DAYS,
      DAYS,
      'reads 0 windows from 0.5 on. Write whole numbers, the count at least 1.',
    ],
    [
      WITHIN,
      undefined,
      HOURS,
      'has no partitions, so it reads all of each input, not "within". Leave the mapping out or write "all".',
    ],
    [
      ALL,
      DAYS,
      HOURS,
      'has partitions, and each would be made again whenever anything it reads changes, as it reads all of an input. Leave its window out.',
    ],
    [
      SAME,
      DAYS,
      undefined,
      'has partitions, and each would be made again whenever anything it reads changes, as it reads an input without partitions. Leave its window out.',
    ],
  ])('%j of %j over %j is refused in words', (mapping, own, input, problem) => {
    expect(findMappingProblem(mapping, own, input)).toBe(problem);
  });
});
