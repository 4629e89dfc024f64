import { describe, expect, test } from 'vitest';
import { dueAfter, nextMorning } from '../../model/erasure.ts';
import { windowOf } from '../../model/window.ts';
import { dayIn, isZone, startOfDay, startOfNextDay } from '../../model/zone.ts';

const iso = (at: number): string => new Date(at).toISOString();

test.for([
  ['Europe/Zagreb', true],
  ['UTC', true],
  ['Asia/Calcutta', true],
  ['America/Argentina/Buenos_Aires', true],
  ['Etc/GMT+3', true],
  ['europe/zagreb', false],
  ['Europe/Zagred', false],
  ['+01:00', false],
  ['', false],
] as const)('%s is a zone: %s', ([text, expected]) => {
  expect(isZone(text)).toBe(expected);
});

describe('startOfDay', () => {
  test.for([
    ['UTC', '2026-03-01', '2026-03-01T00:00:00.000Z'],
    ['Europe/Zagreb', '2026-01-26', '2026-01-25T23:00:00.000Z'],
    ['Europe/Zagreb', '2026-07-01', '2026-06-30T22:00:00.000Z'],
    // The day on which clocks go forward, and the one after.
    ['Europe/Zagreb', '2026-03-29', '2026-03-28T23:00:00.000Z'],
    ['Europe/Zagreb', '2026-03-30', '2026-03-29T22:00:00.000Z'],
    // In Havana they go forward at midnight, so that the day begins at one.
    ['America/Havana', '2026-03-08', '2026-03-08T05:00:00.000Z'],
    ['Asia/Kathmandu', '2026-01-01', '2025-12-31T18:15:00.000Z'],
    ['Pacific/Kiritimati', '2026-01-01', '2025-12-31T10:00:00.000Z'],
    ['Pacific/Pago_Pago', '2026-01-01', '2026-01-01T11:00:00.000Z'],
  ] as const)('in %s, %s begins at %s', ([zone, day, expected]) => {
    expect(iso(startOfDay(zone, day))).toBe(expected);
    expect(dayIn(zone, startOfDay(zone, day))).toBe(day);
    expect(dayIn(zone, startOfDay(zone, day) - 1) < day).toBe(true);
  });

  test('a month and a year end where they do', () => {
    expect(iso(startOfNextDay('UTC', '2024-02-28'))).toBe('2024-02-29T00:00:00.000Z');
    expect(iso(startOfNextDay('UTC', '2025-12-31'))).toBe('2026-01-01T00:00:00.000Z');
  });
});

test.for([
  ['hour', '2020-01-25T00', '2020-01-25T23:00:00.000Z'],
  ['hour', '2020-01-25T23', '2020-01-25T23:00:00.000Z'],
  ['day', '2020-07-25', '2020-07-25T22:00:00.000Z'],
  ['month', '2020-02', '2020-02-29T23:00:00.000Z'],
] as const)('what is asked in the %s %s is due at %s in Zagreb', ([unit, start, expected]) => {
  const window = windowOf({ unit }, Date.parse(unit === 'hour' ? `${start}:00Z` : start));
  expect(iso(dueAfter({ zone: 'Europe/Zagreb' }, window))).toBe(expected);
});

test('the next morning of several zones is the last of them', () => {
  const now = Date.parse('2026-01-25T12:00:00Z');
  expect(iso(nextMorning([undefined], now))).toBe('2026-01-26T00:00:00.000Z');
  expect(iso(nextMorning(['Europe/Zagreb', undefined, 'America/New_York'], now))).toBe('2026-01-26T05:00:00.000Z');
});
