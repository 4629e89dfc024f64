import { expect, test } from 'vitest';
import { timeOf } from '../../model/index-ranges.ts';
import type { IndexRange } from '../../model/index-ranges.ts';
import { watchedWindows } from '../../model/watched-windows.ts';

const at = (text: string): number => Date.parse(`${text}Z`);
const HOURS = { unit: 'hour', first: at('2019-06-01T18:00') } as const;
const spec = { window: HOURS, settleMs: 5 * 60_000, latenessMs: 3 * 86_400_000 };
const shown = (range: IndexRange) => {
  const { start, end } = timeOf(HOURS, range);
  return range.from === range.to ? 'nothing' : [start, end].map((time) => new Date(time).toISOString().slice(0, 13));
};

test('windows are listed from the lateness on to the newest that is settled', () => {
  const before = watchedWindows(spec, { promisedFrom: at('2026-11-21T00:00'), now: at('2026-11-21T12:04') });
  expect(shown(before.listed)).toEqual(['2026-11-18T12', '2026-11-21T11']);
  expect(shown(before.missed)).toBe('nothing');
  const after = watchedWindows(spec, { promisedFrom: at('2026-11-21T00:00'), now: at('2026-11-21T12:05') });
  expect(shown(after.listed)).toEqual(['2026-11-18T12', '2026-11-21T12']);
});

test('of a longer outage the ledger is asked, from the promise on, thirty days back at most', () => {
  const now = at('2026-11-21T12:30');
  expect(shown(watchedWindows(spec, { promisedFrom: at('2026-11-10T07:20'), now }).missed)).toEqual([
    '2026-11-10T07',
    '2026-11-18T12',
  ]);
  expect(shown(watchedWindows(spec, { promisedFrom: at('2020-01-01T00:00'), now }).missed)).toEqual([
    '2026-10-22T12',
    '2026-11-18T12',
  ]);
});

test('the newest window whose lateness has passed is looked at, also where that took longer than thirty days', () => {
  const now = at('2026-11-21T12:30');
  const patient = { ...spec, latenessMs: 120 * 86_400_000 };
  const { listed, missed } = watchedWindows(patient, { promisedFrom: at('2026-01-01T00:00'), now });
  expect([shown(missed), shown(listed)]).toEqual([
    ['2026-07-24T11', '2026-07-24T12'],
    ['2026-07-24T12', '2026-11-21T12'],
  ]);
  expect(shown(watchedWindows(patient, { promisedFrom: at('2026-07-24T12:00'), now }).missed)).toBe('nothing');
});

test('nothing is watched before the first window', () => {
  const { listed, missed } = watchedWindows(spec, { promisedFrom: 0, now: at('2019-06-01T20:10') });
  expect(shown(listed)).toEqual(['2019-06-01T18', '2019-06-01T20']);
  expect(shown(missed)).toBe('nothing');
  expect(watchedWindows(spec, { promisedFrom: 0, now: at('2019-06-01T18:30') }).listed).toEqual({ from: 0, to: 0 });
});
