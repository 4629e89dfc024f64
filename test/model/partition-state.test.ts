import { describe, expect, test } from 'vitest';
import { describePartition } from '../../model/partition-state.ts';
import type { PartitionEvidence } from '../../model/partition-state.ts';
import { utc, version } from './specs.ts';

const START = utc('2019-06-01T18:00:00Z');
const MINUTE_MS = 60_000;
const MADE = { codeVersion: version('2'), rowCount: 5, counts: {}, publishedAt: utc('2019-06-01T19:06:00Z') };
const FAILURE = { reason: 'The disk is full.', retryable: true, failedAt: utc('2019-06-01T19:30:00Z') };

/** An hour of which nothing is known, a good while after its end. */
function describeHour(given: Partial<PartitionEvidence>) {
  return describePartition({
    window: { unit: 'hour' },
    start: START,
    settleMs: 5 * MINUTE_MS,
    watchedFrom: undefined,
    made: undefined,
    codeVersion: version('2'),
    input: 'unknown',
    openRun: undefined,
    lastFailure: undefined,
    promise: undefined,
    paused: undefined,
    now: utc('2019-06-01T22:00:00Z'),
    ...given,
  });
}

function dataOf(given: Partial<PartitionEvidence>) {
  const { data, why } = describeHour(given);
  return [data, why.data];
}

function attemptOf(given: Partial<PartitionEvidence>) {
  const { attempt, why } = describeHour(given);
  return [attempt, why.attempt];
}

describe('data', () => {
  test.each([
    ['2019-06-01T17:00:00Z', 'Its window begins at 2019-06-01T18:00:00Z.'],
    ['2019-06-01T18:00:00Z', 'Its window ends at 2019-06-01T19:00:00Z.'],
    ['2019-06-01T19:00:00Z', 'Its window ended at 2019-06-01T19:00:00Z and settles until 2019-06-01T19:05:00Z.'],
    ['2019-06-01T19:05:00Z', 'Never made.'],
  ])('missing at %s: %s', (now, why) => {
    expect(dataOf({ now: utc(now) })).toEqual(['missing', why]);
  });

  test('missing, of an asset without partitions', () => {
    expect(dataOf({ window: undefined, start: 0, settleMs: 0 })).toEqual(['missing', 'Never made.']);
  });

  test('missing, after it was taken back', () => {
    expect(dataOf({ wiped: { publishedAt: MADE.publishedAt } })).toEqual([
      'missing',
      'Taken out of the warehouse since it was made at 2019-06-01T19:06:00Z.',
    ]);
  });

  test('fresh, as far as is known', () => {
    expect(dataOf({ made: MADE })).toEqual(['fresh', 'Made at 2019-06-01T19:06:00Z; its code did not change since.']);
    expect(dataOf({ made: MADE, input: 'same' })).toEqual([
      'fresh',
      'Made at 2019-06-01T19:06:00Z; neither its input nor its code changed since.',
    ]);
  });

  test('fresh, of those inputs that were there', () => {
    expect(dataOf({ made: { ...MADE, counts: { inputs: 6, expected: 24 } }, input: 'same' })).toEqual([
      'fresh',
      'Made at 2019-06-01T19:06:00Z of 6 of 24 inputs; neither its input nor its code changed since.',
    ]);
  });

  test('with records out of sight by rules over all hours', () => {
    const { marks, why } = describeHour({ made: { ...MADE, counts: { quarantined: 1 } }, ruledOut: 2 });
    expect([marks, why.data]).toEqual([
      ['quarantined'],
      'Made at 2019-06-01T19:06:00Z; its code did not change since. 1 record is held back in quarantine. ' +
        '2 records are out of sight by rules over all hours.',
    ]);
  });

  test('empty is made without rows, or a merged object without files', () => {
    const why = 'Made at 2019-06-01T19:06:00Z; its code did not change since. There was nothing for it.';
    expect(dataOf({ made: { ...MADE, rowCount: 0 } })).toEqual(['empty', why]);
    expect(dataOf({ made: { ...MADE, rowCount: 0, counts: { listed: 0 } } })).toEqual(['empty', why]);
    expect(dataOf({ made: { ...MADE, rowCount: 0, counts: { listed: 2 } } })[0]).toBe('fresh');
  });

  test.each([
    ['1', 'same', 'Its code changed since it was made at 2019-06-01T19:06:00Z.'],
    ['2', 'changed', 'Its input changed since it was made at 2019-06-01T19:06:00Z.'],
    ['1', 'changed', 'Its input and its code changed since it was made at 2019-06-01T19:06:00Z.'],
  ] as const)('stale, made by code %s with its input %s', (digit, input, why) => {
    expect(dataOf({ made: { ...MADE, codeVersion: version(digit) }, input })).toEqual(['stale', why]);
    expect(dataOf({ made: { ...MADE, codeVersion: version(digit), rowCount: 0 }, input })[0]).toBe('stale');
  });
});

describe('attempt', () => {
  const openRun = { startedAt: utc('2019-06-01T18:00:02Z') };

  test('a run waits until its window is over and settled, then it runs', () => {
    expect(attemptOf({ openRun, now: utc('2019-06-01T19:04:59Z') })).toEqual([
      'waiting',
      'A run waits until 2019-06-01T19:05:00Z, when the window is over and settled.',
    ]);
    expect(attemptOf({ openRun, now: utc('2019-06-01T19:05:00Z') })).toEqual([
      'running',
      'Running since 2019-06-01T18:00:02Z.',
    ]);
    expect(attemptOf({ openRun, window: undefined, start: 0, settleMs: 0 })[0]).toBe('running');
  });

  test('a new run tells of the failure before it', () => {
    expect(attemptOf({ openRun, lastFailure: { ...FAILURE, reason: 'The disk is full' } })).toEqual([
      'running',
      'Running since 2019-06-01T18:00:02Z. The run before it failed: The disk is full.',
    ]);
  });

  test('a failure stays until a later publish', () => {
    expect(attemptOf({ lastFailure: FAILURE })).toEqual([
      'failed',
      'The last run failed at 2019-06-01T19:30:00Z: The disk is full. The next reconcile looks at it.',
    ]);
    expect(attemptOf({ lastFailure: { ...FAILURE, retryable: false }, made: MADE })).toEqual([
      'failed',
      'The last run failed at 2019-06-01T19:30:00Z: The disk is full. It will not be tried again until its input or code changes.',
    ]);
    expect(attemptOf({ lastFailure: FAILURE, made: { ...MADE, publishedAt: FAILURE.failedAt } })).toEqual([
      'idle',
      'Nothing is to be done.',
    ]);
  });

  test.each<[string, Partial<PartitionEvidence>]>([
    ['No run is open. The next reconcile looks at it.', {}],
    ['No run is open. One is started when its window begins.', { now: START - 1 }],
    [
      'No run is open. Nothing is started while the pipeline is paused: 5 hours in a row failed.',
      { paused: { note: '5 hours in a row failed' } },
    ],
    [
      'No run is open. Reconcile looks back to 2019-06-01T19:00:00Z only; start a backfill to have it made.',
      { watchedFrom: utc('2019-06-01T19:00:00Z') },
    ],
    ['No run is open. The next reconcile looks at it.', { watchedFrom: utc('2019-06-01T18:59:59Z') }],
    ['No run is open. The next reconcile looks at it.', { made: MADE, input: 'changed' }],
    ['Nothing is to be done.', { made: MADE }],
  ])('idle: %s', (why, given) => {
    expect(attemptOf(given)).toEqual(['idle', why]);
  });
});

describe('documents that are not published yet', () => {
  const awaited = { first: '18.csv', last: '18.csv', count: 1, until: utc('2019-06-04T19:00:00Z') };
  const several = { ...awaited, last: '23.csv', count: 6 };
  const said = '18.csv is not published yet; it is asked for until 2019-06-04T19:00:00Z.';
  const paused = { note: 'the server moves' };
  const openRun = { startedAt: utc('2019-06-01T21:59:00Z') };
  const wiped = { publishedAt: MADE.publishedAt };

  test.each<[string, Partial<PartitionEvidence>, string, string]>([
    ['over and settled', {}, 'waiting', said],
    [
      'for several',
      { awaited: several },
      'waiting',
      '6 documents, 18.csv to 23.csv, are not published yet; they are asked for until 2019-06-04T19:00:00Z.',
    ],
    [
      'paused',
      { paused },
      'waiting',
      'It waits for 18.csv, and nothing is asked for while the pipeline is paused: the server moves.',
    ],
    ['taken back', { wiped }, 'waiting', 'It waits for 18.csv, and the next reconcile asks for it.'],
    ['not over', { now: utc('2019-06-01T18:30:00Z') }, 'idle', 'No run is open. The next reconcile looks at it.'],
    ['asked for by a run', { openRun }, 'running', 'Running since 2019-06-01T21:59:00Z.'],
    [
      'failed',
      { lastFailure: FAILURE },
      'failed',
      'The last run failed at 2019-06-01T19:30:00Z: The disk is full. The next reconcile looks at it.',
    ],
    ['made before', { made: MADE }, 'idle', 'Nothing is to be done.'],
    ['past its lateness', { awaited: undefined }, 'idle', 'No run is open. The next reconcile looks at it.'],
  ])('%s', (_, given, attempt, why) => {
    expect(attemptOf({ awaited, ...given })).toEqual([attempt, why]);
  });

  test('are missing, and late where they were promised', () => {
    const promise = { promiseMs: 20 * MINUTE_MS, from: START };
    expect(describeHour({ awaited, promise })).toEqual({
      data: 'missing',
      attempt: 'waiting',
      marks: ['late'],
      why: { data: 'Never made, though it was promised by 2019-06-01T19:20:00Z.', attempt: said },
    });
  });
});

describe('marks and promises', () => {
  const promise = { promiseMs: 20 * MINUTE_MS, from: START };

  test('late after the deadline, as long as nothing is there', () => {
    const deadline = utc('2019-06-01T19:20:00Z');
    expect(describeHour({ promise, now: deadline })).toMatchObject({
      marks: [],
      why: { data: 'Not made yet; it is promised by 2019-06-01T19:20:00Z.' },
    });
    expect(describeHour({ promise, now: deadline + 1 })).toMatchObject({
      data: 'missing',
      marks: ['late'],
      why: { data: 'Never made, though it was promised by 2019-06-01T19:20:00Z.' },
    });
    expect(describeHour({ promise, now: deadline + 1, made: MADE }).marks).toEqual([]);
    expect(describeHour({ promise, now: deadline + 1, made: MADE, input: 'changed' }).marks).toEqual([]);
  });

  test('hours before the promise are quietly missing', () => {
    expect(describeHour({ promise: { ...promise, from: utc('2026-01-01') } })).toMatchObject({
      data: 'missing',
      marks: [],
      why: { data: 'Never made, and not promised: promises begin with 2026-01-01T00:00:00Z.' },
    });
  });

  test('records held back are counted', () => {
    expect(describeHour({ made: { ...MADE, counts: { quarantined: 1 } } })).toMatchObject({
      data: 'fresh',
      marks: ['quarantined'],
      why: {
        data: 'Made at 2019-06-01T19:06:00Z; its code did not change since. 1 record is held back in quarantine.',
      },
    });
    expect(describeHour({ made: { ...MADE, counts: { quarantined: 3 } } }).why.data).toContain(
      ' 3 records are held back in quarantine.',
    );
    expect(describeHour({ made: { ...MADE, counts: { quarantined: 0 } } }).marks).toEqual([]);
  });
});
