import { describe, expect, test } from 'vitest';
import { daily, DefinitionError, every, hourly, monthly, s3Files } from '../../define/index.ts';
import type { S3FilesOptions } from '../../define/s3-files.ts';
import { parseDuration } from '../../define/duration.ts';
import type { Duration } from '../../define/duration.ts';

/** What a definition in plain JavaScript can hold, where no compiler says no. */
function untyped<Value>(value: unknown): Value {
  return value as Value;
}

describe('windows', () => {
  test('have a kind and a first one', () => {
    expect(hourly('2019-06-01T18')).toEqual({ unit: 'hour', first: Date.parse('2019-06-01T18:00:00Z') });
    expect(daily('2019-06-01')).toEqual({ unit: 'day', first: Date.parse('2019-06-01T00:00:00Z') });
    expect(monthly('2025-02')).toEqual({ unit: 'month', first: Date.parse('2025-02-01T00:00:00Z') });
    expect(every('15 minutes', '2026-01-01T00:15')).toEqual({
      unit: 'every',
      ms: 900_000,
      first: Date.parse('2026-01-01T00:15:00Z'),
    });
    expect(every('10 seconds', '2026-01-01T00:00:10')).toEqual({
      unit: 'every',
      ms: 10_000,
      first: Date.parse('2026-01-01T00:00:10Z'),
    });
  });

  test.each([
    [() => hourly('2019-06-01T18:30'), `"2019-06-01T18:30" is not the start of a window. Write it as '2026-01-01T00'.`],
    [() => hourly('2019-06-01'), `"2019-06-01" is not the start of a window. Write it as '2026-01-01T00'.`],
    [() => hourly('18:00'), `"18:00" is not the start of a window. Write it as '2026-01-01T00'.`],
    [() => daily('2019-02-30'), `"2019-02-30" is not the start of a window. Write it as '2026-01-01'.`],
    [() => monthly('2019-06-02'), `"2019-06-02" is not the start of a window. Write it as '2026-01'.`],
    [
      () => every('15 minutes', '2026-01-01T00:07'),
      `"2026-01-01T00:07" is not the start of a window. Write it as '2026-01-01T00:00'.`,
    ],
    [
      () => every('10 seconds', '2026-01-01T00:00'),
      `"2026-01-01T00:00" is not the start of a window. Write it as '2026-01-01T00:00:00'.`,
    ],
  ])('that do not begin where they say are refused, with a right one shown (%#)', (define, problem) => {
    expect(define).toThrow(new DefinitionError('window', problem));
  });

  test.each(['7 minutes', '5 hours', '2 days', '0 minutes'] as const)(
    'of %s are refused: they begin at other times each day',
    (length) => {
      expect(() => every(length, '2026-01-01T00:00')).toThrow(
        new DefinitionError(
          'every()',
          `"${length}" does not divide a day. Choose a length such as '15 minutes' or '6 hours'.`,
        ),
      );
    },
  );
});

describe('durations', () => {
  test.each([
    ['1 second', 1_000],
    ['90 seconds', 90_000],
    ['5 minutes', 300_000],
    ['1 hour', 3_600_000],
    ['3 days', 259_200_000],
    ['0 minutes', 0],
  ] as const)('%s are %i ms', (duration, ms) => {
    expect(parseDuration('here', duration)).toBe(ms);
  });

  test.each([
    '1.5 hours',
    '-3 days',
    '1e3 seconds',
    ' 3 days',
    '3  days',
    '3 Days',
    '3 weeks',
    '3days',
    '3',
    'days',
    '',
    '104249991375 days',
    5,
    undefined,
  ])('%j is none', (text) => {
    expect(() => parseDuration('here', untyped<Duration>(text))).toThrow(
      new DefinitionError('here', `"${text}" is no duration. Write a whole number and a unit, such as '5 minutes'.`),
    );
  });
});

describe('files in a bucket', () => {
  test('are told by bucket, pattern and clock', () => {
    expect(s3Files('s3://my.bucket-1/a/{yyyy}/{MM}-{dd}.json')).toEqual({
      kind: 's3',
      bucket: 'my.bucket-1',
      pattern: 'a/{yyyy}/{MM}-{dd}.json',
      hourOf: 'keyTime',
      clockOffsetMinutes: 0,
    });
  });

  test.each([
    ['-03:00', -180],
    ['+05:45', 345],
    ['+00:00', 0],
    ['-00:00', 0],
    ['-00:30', -30],
  ] as const)('a clock at %s is %i minutes ahead of UTC', (clock, minutes) => {
    expect(s3Files('s3://bucket/{yyyy}.json', { clock }).clockOffsetMinutes).toBe(minutes);
  });

  test.each(['-3:00', '-24:00', '+00:60', '-03:00:00', 'UTC', 'Europe/Berlin', '', -3])(
    'a clock at %j is refused',
    (clock) => {
      expect(() => s3Files('s3://bucket/{yyyy}.json', { clock: untyped<'+00:00'>(clock) })).toThrow(
        new DefinitionError('s3Files()', `clock "${clock}" is no offset from UTC. Write it as '-03:00'.`),
      );
    },
  );

  test.each([
    'bucket/{yyyy}.json',
    's3://bucket',
    's3://bucket/',
    's3:///{yyyy}.json',
    's3://Bucket/{yyyy}.json',
    's3://b/{yyyy}.json',
    's3://bucket-/{yyyy}.json',
    's3://my_bucket/{yyyy}.json',
    'https://bucket/{yyyy}.json',
    '',
  ])('%j is no address', (address) => {
    expect(() => s3Files(address)).toThrow(
      new DefinitionError(
        's3Files()',
        `"${address}" is no address of files. Write it as 's3://bucket/folder/{yyyy}-{MM}-{dd}-{HH}.json'.`,
      ),
    );
  });

  test('a pattern that is none is refused, with the address that holds it', () => {
    expect(() => s3Files('s3://bucket/{yyyy}-{dd}.json')).toThrow(DefinitionError);
    expect(() => s3Files('s3://bucket/{yyyy}-{dd}.json')).toThrow(
      /^s3Files\('s3:\/\/bucket\/\{yyyy\}-\{dd\}\.json'\): Key pattern "\{yyyy\}-\{dd\}\.json" names no month/u,
    );
  });

  test('whose names tell no time go by when they were written, if the definition says so', () => {
    expect(s3Files('s3://exports/daily/{any}.json', { hourOf: 'lastModified' })).toEqual({
      kind: 's3',
      bucket: 'exports',
      pattern: 'daily/{any}.json',
      hourOf: 'lastModified',
      clockOffsetMinutes: 0,
    });
    expect(s3Files('s3://bucket/{yyyy}.json', { hourOf: 'keyTime' })).toEqual(s3Files('s3://bucket/{yyyy}.json'));
  });

  test.each([
    [
      's3://bucket/data/{any}.json',
      {},
      "its names tell no time. Begin with {yyyy}, then {MM}, {dd}, {HH}; or go by when files were written, with { hourOf: 'lastModified' }.",
    ],
    [
      's3://bucket/{yyyy}/{any}.json',
      { hourOf: 'lastModified' },
      "its names tell a time, which hourOf: 'lastModified' does not read. Write {any} in its place, or leave hourOf away.",
    ],
    [
      's3://bucket/{any}.json',
      { hourOf: 'lastModified', clock: '-03:00' },
      "has a clock, but hourOf: 'lastModified' is always in UTC. Leave the clock away.",
    ],
    ['s3://bucket/{any}.json', { hourOf: 'etag' }, `hourOf "etag" is no rule. There are 'keyTime' and 'lastModified'.`],
  ])('%s with %j does not fit its rule', (address, options, problem) => {
    expect(() => s3Files(address, untyped<S3FilesOptions>(options))).toThrow(
      new DefinitionError(`s3Files('${address}')`, problem),
    );
  });
});
