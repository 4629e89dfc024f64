import { expect, test } from 'vitest';
import { describeBreaker, describeHealth, isNews } from '../../model/health.ts';
import type { HealthEvidence } from '../../model/health.ts';
import { windowIndex } from '../../model/window.ts';
import { HOURS, utc } from './specs.ts';

const at = (hour: number): number => utc(`2019-06-02T${String(hour).padStart(2, '0')}:00:00Z`);
const indexOf = (hour: number): number => windowIndex(HOURS, at(hour));
const nothing: HealthEvidence = { window: HOURS, made: undefined, failure: undefined, failedChecks: [], late: [] };
const made = { start: at(10), publishedAt: at(11) + 360_000 };

test('an asset of which nothing was made and nothing is promised is unknown', () => {
  expect(describeHealth(nothing)).toEqual({
    state: 'unknown',
    why: 'Nothing was made yet, and nothing is promised.',
    partition: null,
  });
});

test('an asset whose newest partition is there is healthy', () => {
  expect(describeHealth({ ...nothing, made })).toEqual({
    state: 'healthy',
    why: '2019-06-02T10 is there since 2019-06-02T11:06:00Z, and nothing promised is late.',
    partition: '2019-06-02T10',
  });
});

test('a failed run of the newest partition is failing, one of an older partition is no matter', () => {
  const reason = 'There is no source bucket';
  expect(describeHealth({ ...nothing, made, failure: { start: at(11), reason } })).toEqual({
    state: 'failing',
    why: 'The last run of 2019-06-02T11 failed: There is no source bucket.',
    partition: '2019-06-02T11',
  });
  expect(describeHealth({ ...nothing, made, failure: { start: at(10), reason } }).state).toBe('failing');
  expect(describeHealth({ ...nothing, made, failure: { start: at(9), reason } }).state).toBe('healthy');
});

test('a check that warns is a warning, one that blocks is failing, and those of older partitions are no matter', () => {
  const check = { name: 'row_count', blocking: false, start: at(10), detail: '3 rows, at least 5 expected' };
  expect(describeHealth({ ...nothing, made, failedChecks: [check] })).toEqual({
    state: 'warning',
    why: 'The check row_count of 2019-06-02T10 did not hold: 3 rows, at least 5 expected.',
    partition: '2019-06-02T10',
  });
  expect(describeHealth({ ...nothing, made, failedChecks: [check, { ...check, blocking: true }] }).state).toBe(
    'failing',
  );
  expect(describeHealth({ ...nothing, made, failedChecks: [{ ...check, start: at(9) }] }).state).toBe('healthy');
});

test('promised partitions that are not there are failing, the newest by its name and the others by their number', () => {
  const one = [{ from: indexOf(9), to: indexOf(10) }];
  expect(describeHealth({ ...nothing, made, late: one })).toEqual({
    state: 'failing',
    why: '2019-06-02T09 is late: promised, and not there.',
    partition: '2019-06-02T09',
  });
  const more = [{ from: indexOf(3), to: indexOf(5) }, ...one];
  expect(describeHealth({ ...nothing, made, late: more }).why).toBe(
    '2019-06-02T09 is late: promised, and not there. So are 2 before it.',
  );
});

test('what is equally bad is said together, and no more than 1,000 characters of it', () => {
  const failure = { start: at(11), reason: 'x'.repeat(2_000) };
  const { why } = describeHealth({ ...nothing, failure, late: [{ from: indexOf(9), to: indexOf(10) }] });
  expect(why).toMatch(/^2019-06-02T09 is late: promised, and not there\. The last run of 2019-06-02T11 failed: x+…$/u);
  expect(why).toHaveLength(1_000);
});

test('an asset without partitions is called whole', () => {
  const whole = { ...nothing, window: undefined, made: { start: 0, publishedAt: at(11) } };
  expect(describeHealth(whole)).toMatchObject({ state: 'healthy', partition: 'whole' });
});

test('that nothing was known and then all is well is no news; everything else is', () => {
  expect(isNews('unknown', 'healthy')).toBe(false);
  expect(isNews('healthy', 'healthy')).toBe(false);
  expect(isNews('unknown', 'failing')).toBe(true);
  expect(isNews('failing', 'healthy')).toBe(true);
  expect(isNews('warning', 'failing')).toBe(true);
});

test('a pipeline is failing while its breaker holds it, not while a person does', () => {
  const note = 'Paused by Hourloom: the newest 5 windows failed in a row';
  expect(describeBreaker({ paused: true, note })).toEqual({ state: 'failing', why: note, partition: null });
  expect(describeBreaker({ paused: true, note: 'The feed moves' }).state).toBe('healthy');
  expect(describeBreaker({ paused: false, note }).state).toBe('healthy');
  expect(describeBreaker(undefined).state).toBe('healthy');
});

test('rows that a check found are not told: they may hold anything', () => {
  const detail = '2 rows found, such as {"email":"ada@example.org"}';
  const check = { name: 'no_doubles', blocking: false, start: at(10), detail };
  expect(describeHealth({ ...nothing, made, failedChecks: [check] }).why).toBe(
    'The check no_doubles of 2019-06-02T10 did not hold: 2 rows found.',
  );
});
