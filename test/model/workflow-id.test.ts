import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { windowOf } from '../../model/window.ts';
import type { WindowKind } from '../../model/window.ts';
import {
  backfillWorkflowId,
  deriveWorkflowId,
  hourWorkflowId,
  hourWorkflowIdBase,
  parseDeriveWorkflowId,
  parseHourWorkflowId,
  requestsWorkflowId,
} from '../../model/workflow-id.ts';
import { assetKey, DAYS, pipelineName } from './specs.ts';

const EIGHTEEN = Date.parse('2019-06-01T18:00:00Z');

test('an hour is made under the id that a schedule of its pipeline gives it', () => {
  const pipeline = pipelineName('door2door');
  expect(hourWorkflowIdBase({ unit: 'hour' }, pipeline)).toBe('hour/door2door');
  expect(hourWorkflowId({ unit: 'hour' }, { pipeline, start: EIGHTEEN })).toBe('hour/door2door-2019-06-01T18:00:00Z');
});

test.each([
  [{ unit: 'day' }, '2019-06-01T00:00:00Z', 'day/yellow_taxi-2019-06-01T00:00:00Z'],
  [{ unit: 'month' }, '2025-02-01T00:00:00Z', 'month/yellow_taxi-2025-02-01T00:00:00Z'],
  [{ unit: 'every', ms: 10_000 }, '2019-06-01T18:15:10Z', 'every/yellow_taxi-2019-06-01T18:15:10Z'],
] as const)('for %j at %s the id is %s', (kind, start, id) => {
  const partition = { pipeline: pipelineName('yellow_taxi'), start: Date.parse(start) };
  expect(hourWorkflowId(kind, partition)).toBe(id);
  expect(parseHourWorkflowId(id)).toEqual(partition);
});

test('every partition is read back from its id, whatever its window and the name of its pipeline', () => {
  const anyKind = fc.constantFrom<WindowKind>(
    { unit: 'hour' },
    { unit: 'day' },
    { unit: 'month' },
    { unit: 'every', ms: 900_000 },
    { unit: 'every', ms: 10_000 },
  );
  const anyName = fc.stringMatching(/^[a-z][a-z0-9_]{0,62}$/u).map(pipelineName);
  const anyInstant = fc.integer({ min: Date.parse('0000-01-01T00:00:00Z'), max: Date.parse('9999-12-31T23:59:59Z') });
  fc.assert(
    fc.property(anyKind, anyName, anyInstant, (kind, pipeline, at) => {
      const partition = { pipeline, start: windowOf(kind, at).start };
      expect(parseHourWorkflowId(hourWorkflowId(kind, partition))).toEqual(partition);
    }),
  );
});

test.each([
  ['backfill/door2door-2019-06-01T18:00:00Z', 'is another kind of workflow'],
  ['hour/Door2Door-2019-06-01T18:00:00Z', 'names no pipeline'],
  ['hour/-2019-06-01T18:00:00Z', 'names no pipeline'],
  ['hour/a/b-2019-06-01T18:00:00Z', 'names no pipeline'],
  [`hour/${'a'.repeat(64)}-2019-06-01T18:00:00Z`, 'names a pipeline longer than there can be'],
  ['hour/door2door', 'has no time'],
  ['hour/door2door-2019-06-01T18', 'has a partition in place of a time'],
  ['hour/door2door-2019-06-01T18:00:00.000Z', 'has a fraction'],
  ['hour/door2door-2019-02-30T18:00:00Z', 'has a day that never was'],
  ['hour/door2door-2019-06-01T24:00:00Z', 'has an hour that never was'],
  ['hour/door2door-2019-13-01T00:00:00Z', 'has a month that never was'],
  ['hour/door2door-2019-06-01T18:00:00Z-2019-06-01T18:00:00Z', 'has two times'],
  ['hour/door2door-2019-06-01T18:00:00Z\n', 'goes on after its end'],
])('no partition is read from %j: it %s', (id) => {
  expect(parseHourWorkflowId(id)).toBeUndefined();
});

test('a derived partition is computed under the id of its asset and start, a whole asset under its own', () => {
  const day = { asset: assetKey('door2door/vehicle_location_update'), window: DAYS };
  const whole = { asset: assetKey('door2door/distance_per_period'), window: undefined };
  const start = Date.parse('2019-06-01');
  expect(deriveWorkflowId(day, start)).toBe('derive/door2door/vehicle_location_update-2019-06-01T00:00:00Z');
  expect(deriveWorkflowId(whole, 0)).toBe('derive/door2door/distance_per_period');
  expect(parseDeriveWorkflowId(deriveWorkflowId(day, start))).toEqual({ asset: day.asset, start });
  expect(parseDeriveWorkflowId(deriveWorkflowId(whole, 0))).toEqual({ asset: whole.asset, start: 0 });
});

test.each([
  'hour/door2door-2019-06-01T18:00:00Z',
  'derive/',
  'derive/-2019-06-01T00:00:00Z',
  'derive/door2door/Daily-2019-06-01T00:00:00Z',
  'derive/door2door/daily-',
  'derive/door2door/daily-2019-06-01',
  'derive/door2door/daily-2019-02-30T00:00:00Z',
  'derive/door2door/daily-2019-06-01T00:00:00.000Z',
  'derive/door2door/daily-2019-06-01T00:00:00Z\n',
  'derive/door2door/daily\n',
])('no derived partition is read from %j', (id) => {
  expect(parseDeriveWorkflowId(id)).toBeUndefined();
});

test('requests and backfills have ids of their own', () => {
  expect(requestsWorkflowId(pipelineName('door2door'))).toBe('requests/door2door');
  expect(backfillWorkflowId('2019-heal')).toBe('backfill/2019-heal');
});
