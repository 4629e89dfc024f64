import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatPartition, parsePartition, windowAt, windowIndex, windowOf } from '../../model/window.ts';
import type { WindowKind } from '../../model/window.ts';

const HOUR: WindowKind = { unit: 'hour' };
const DAY: WindowKind = { unit: 'day' };
const MONTH: WindowKind = { unit: 'month' };
const QUARTER_HOUR: WindowKind = { unit: 'every', ms: 900_000 };
const TEN_SECONDS: WindowKind = { unit: 'every', ms: 10_000 };

const anyKind = fc.oneof(
  fc.constantFrom(HOUR, DAY, MONTH),
  // Every whole number of seconds that divides a day.
  fc
    .integer({ min: 1, max: 86_400 })
    .filter((seconds) => 86_400 % seconds === 0)
    .map((seconds): WindowKind => ({ unit: 'every', ms: seconds * 1_000 })),
);
/** Within the years that a partition's name can tell: 0000 to 9999. */
const anyInstant = fc.integer({ min: Date.parse('0000-01-01T00:00:00Z'), max: Date.parse('9999-12-31T23:59:59.999Z') });

function utc(text: string): number {
  return Date.parse(text);
}

describe('windows', () => {
  test('the hour that holds an instant begins with it and ends before the next', () => {
    expect(windowOf(HOUR, utc('2019-06-01T18:17:03.087Z'))).toEqual({
      start: utc('2019-06-01T18:00:00Z'),
      end: utc('2019-06-01T19:00:00Z'),
    });
  });

  test('a start belongs to its own window, the instant before it to the one before', () => {
    const start = utc('2019-06-01T18:00:00Z');
    expect(windowOf(HOUR, start).start).toBe(start);
    expect(windowOf(HOUR, start - 1).start).toBe(utc('2019-06-01T17:00:00Z'));
  });

  test('a month is as long as the calendar says', () => {
    const lengthInDays = (at: string) => {
      const { start, end } = windowOf(MONTH, utc(at));
      return (end - start) / 86_400_000;
    };
    expect(['2023-02-14', '2024-02-29', '2025-04-30', '2025-12-31'].map(lengthInDays)).toEqual([28, 29, 30, 31]);
  });

  test('windows are numbered from 1970, also backwards', () => {
    expect(windowIndex(HOUR, utc('1970-01-01T00:59:59.999Z'))).toBe(0);
    expect(windowIndex(HOUR, utc('1969-12-31T23:59:59.999Z'))).toBe(-1);
    expect(windowIndex(DAY, utc('1970-01-02T00:00:00Z'))).toBe(1);
    expect(windowIndex(MONTH, utc('1971-03-15T00:00:00Z'))).toBe(14);
    expect(windowIndex(MONTH, utc('1969-12-15T00:00:00Z'))).toBe(-1);
    expect(windowIndex(QUARTER_HOUR, utc('1970-01-01T01:00:00Z'))).toBe(4);
  });

  test('the window of an index holds every instant that has this index', () => {
    fc.assert(
      fc.property(anyKind, anyInstant, (kind, at) => {
        const { start, end } = windowAt(kind, windowIndex(kind, at));
        expect(start).toBeLessThanOrEqual(at);
        expect(end).toBeGreaterThan(at);
      }),
    );
  });

  test('windows of one kind leave no gap and never overlap', () => {
    fc.assert(
      fc.property(anyKind, anyInstant, (kind, at) => {
        const index = windowIndex(kind, at);
        expect(windowAt(kind, index + 1).start).toBe(windowAt(kind, index).end);
      }),
    );
  });
});

describe('names of partitions', () => {
  test.each([
    [HOUR, '2019-06-01T18:00:00Z', '2019-06-01T18'],
    [DAY, '2019-06-01T00:00:00Z', '2019-06-01'],
    [MONTH, '2019-06-01T00:00:00Z', '2019-06'],
    [QUARTER_HOUR, '2019-06-01T18:15:00Z', '2019-06-01T18:15'],
    [TEN_SECONDS, '2019-06-01T18:15:10Z', '2019-06-01T18:15:10'],
    [{ unit: 'every', ms: 90_000 }, '2019-06-01T00:01:30Z', '2019-06-01T00:01:30'],
  ] as const)('%j beginning at %s is called %s', (kind, start, name) => {
    expect(formatPartition(kind, utc(start))).toBe(name);
    expect(parsePartition(kind, name)).toBe(utc(start));
  });

  test('every start has a name that is read back as this start', () => {
    fc.assert(
      fc.property(anyKind, anyInstant, (kind, at) => {
        const { start } = windowOf(kind, at);
        expect(parsePartition(kind, formatPartition(kind, start))).toBe(start);
      }),
    );
  });

  test('a longer spelling of the same start is understood', () => {
    const start = utc('2019-06-01T18:00:00Z');
    const spellings = [
      '2019-06-01T18',
      '2019-06-01T18Z',
      '2019-06-01T18:00',
      '2019-06-01T18:00Z',
      '2019-06-01T18:00:00Z',
    ];
    expect(spellings.map((text) => parsePartition(HOUR, text))).toEqual(spellings.map(() => start));
    expect(parsePartition(MONTH, '2019-06-01')).toBe(utc('2019-06-01T00:00:00Z'));
  });

  test.each([
    [HOUR, '2019-06-01T18:30', 'lies within an hour'],
    [DAY, '2019-06-01T18', 'lies within a day'],
    [MONTH, '2019-06-02', 'lies within a month'],
    [QUARTER_HOUR, '2019-06-01T18:20', 'lies within a quarter'],
    [HOUR, '2019-06-01', 'is a day'],
    [HOUR, '2019-06', 'is a month'],
    [DAY, '2019-06', 'is a month'],
    [TEN_SECONDS, '2019-06-01T18:15', 'has no seconds'],
    [HOUR, '2019-06-01T24', 'is no hour'],
    [DAY, '2019-02-30', 'is no date'],
    [DAY, '2019-02-29', 'is no leap day'],
    [DAY, '2100-02-29', 'is no leap day'],
    [MONTH, '2019-13', 'is no month'],
    [MONTH, '2019-00', 'is no month'],
    [HOUR, '2019-06-01 18', 'has no T'],
    [HOUR, '2019-06-01T18:00:00.000Z', 'has a fraction'],
    [HOUR, '2019-06-01T18:00+00:00', 'has an offset'],
    [HOUR, '2019-06-01T18\n', 'goes on after its end'],
    [HOUR, ' 2019-06-01T18', 'begins with a space'],
    [HOUR, '2019-6-1T18', 'is not padded'],
    [HOUR, '', 'is empty'],
  ] as const)('for %j, %j is refused: it %s', (kind, text, _why) => {
    expect(parsePartition(kind, text)).toBeUndefined();
  });

  test('whatever text is read is the start of a window', () => {
    fc.assert(
      fc.property(
        anyKind,
        fc.stringMatching(/^\d{4}-[01]\d(-[0-3]\d(T[0-2]\d(:[0-5]\d(:[0-5]\d)?)?Z?)?)?$/u),
        (kind, text) => {
          const start = parsePartition(kind, text);
          expect(start === undefined || windowOf(kind, start).start === start).toBe(true);
        },
      ),
    );
  });
});
