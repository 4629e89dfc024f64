import assert from 'node:assert/strict';
import type { HourResult } from '../model/hour-run.ts';
import { windowAt, windowIndex } from '../model/window.ts';
import type { Instant, WindowSpec } from '../model/window.ts';

/** Names tell a clock that is three hours behind the events inside. */
const NAME_CLOCK_MS = -3 * 3_600_000;
const VEHICLE = '3a3eb23a-f22e-4fe9-8c20-f37220a81909';
const ORGANIZATION = 'org-id';

/** How many rows a light hour gives. */
export const LIGHT_HOUR_ROWS = 4;

/** The starts of `count` windows in a row, from the one with the number `first` after the earliest there can be. */
export function listStarts(window: WindowSpec, first: number, count: number): readonly Instant[] {
  const index = windowIndex(window, window.first) + first;
  return Array.from({ length: count }, (_, step) => windowAt(window, index + step).start);
}

/** All files of a light hour: one, with an operating period and three events of a vehicle. */
export function makeLightHour(start: Instant): { readonly key: string; readonly body: string } {
  const iso = (ms: number) => new Date(start + ms).toISOString();
  const location = (ms: number) => ({ lat: 52.5 + ms / 1e7, lng: 13.4, at: iso(ms) });
  const period = { id: `op_${start}`, start: iso(1_000), finish: iso(9_000) };
  const events = [
    { event: 'create', on: 'operating_period', at: iso(1_000), data: period },
    { event: 'register', on: 'vehicle', at: iso(2_000), data: { id: VEHICLE } },
    { event: 'update', on: 'vehicle', at: iso(3_000), data: { id: VEHICLE, location: location(3_000) } },
    { event: 'update', on: 'vehicle', at: iso(5_000), data: { id: VEHICLE, location: location(5_000) } },
  ];
  const hour = new Date(start + NAME_CLOCK_MS).toISOString().slice(0, 13).replace('T', '-');
  return {
    key: `data/${hour}-0-10-events.json`,
    body: events.map((event) => `${JSON.stringify({ ...event, organization_id: ORGANIZATION })}\n`).join(''),
  };
}

/** A run that made less than all of a light hour would be fast for nothing. */
export function assertLight({ outcome, rows }: HourResult): void {
  assert.equal(outcome, 'made');
  assert.equal(
    Object.values(rows).reduce((sum, count) => sum + count, 0),
    LIGHT_HOUR_ROWS,
  );
}
