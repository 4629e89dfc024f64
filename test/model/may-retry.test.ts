import { expect, test } from 'vitest';
import { mayRetry } from '../../model/may-retry.ts';

const NOW = Date.parse('2026-11-21T12:00:00Z');
const MINUTE = 60_000;
const failed = (minutesAgo: number, attempts = 1, retryable = true) => ({
  failedAt: NOW - minutesAgo * MINUTE,
  attempts,
  retryable,
  tried: 'a',
});

test('what did not fail may be tried', () => {
  expect(mayRetry(undefined, ['a'], NOW)).toBe(true);
});

test.for([
  [1, 9, false],
  [1, 10, true],
  [2, 19, false],
  [2, 20, true],
  [6, 319, false],
  [6, 320, true],
  [7, 359, false],
  [7, 360, true],
  [60, 360, true],
] as const)('after %i attempts, %i minutes later: %s', ([attempts, minutes, may]) => {
  expect(mayRetry(failed(minutes, attempts), ['a'], NOW)).toBe(may);
});

test('what time cannot help waits for another input or other code, however long', () => {
  expect(mayRetry(failed(100_000, 1, false), ['a'], NOW)).toBe(false);
  expect(mayRetry(failed(0, 9, false), ['b', 'c'], NOW)).toBe(true);
  expect(mayRetry(failed(0, 9, true), ['b'], NOW)).toBe(true);
});

test('where nobody knows what was tried, or what there is to try, only time counts', () => {
  expect(mayRetry(failed(100_000, 1, false), [], NOW)).toBe(false);
  expect(mayRetry({ ...failed(100_000, 1, false), tried: undefined }, ['b'], NOW)).toBe(false);
  expect(mayRetry({ ...failed(10), tried: undefined }, ['b'], NOW)).toBe(true);
});
