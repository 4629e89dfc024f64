import { expect, test } from 'vitest';
import { door2door } from '../../assets/door2door/pipeline.ts';
import { sampleVehicles } from '../../assets/door2door/sample.ts';
import { windowOf } from '../../model/window.ts';
import { runDefinition } from '../../testing/index.ts';

const KEY = 'data/2019-06-01-15-17-3-events.json';
const VEHICLE = 'bac5188f-67c6-4965-81dc-4ef49622e280';

const registered = {
  on: 'vehicle',
  event: 'register',
  at: '2019-06-01T18:17:03.087Z',
  organization_id: 'org-id',
  data: { id: VEHICLE },
};
const updated = {
  ...registered,
  event: 'update',
  at: '2019-06-01T18:17:04.010Z',
  data: { id: VEHICLE, location: { lat: 52.45133, lng: 13.46045, at: '2019-06-01T18:17:04.010Z' } },
};
const created = {
  ...registered,
  on: 'operating_period',
  event: 'create',
  data: { id: 'op_2', start: '2019-06-01T18:17:04.079Z', finish: '2019-06-01T18:22:04.079Z' },
};

function file(...records: readonly object[]): { key: string; body: string } {
  return { key: KEY, body: records.map((record) => `${JSON.stringify(record)}\n`).join('') };
}

// The ids are what `sha256sum` says of the id and the time, one after the other.
test('a vehicle has a row for each event, with its location where it told one', async () => {
  const { rows, quarantine, counts } = await runDefinition(door2door, [file(registered, updated)]);
  const event = { vehicle_id: VEHICLE, organization_id: 'org-id', original_s3_file_path: KEY };
  expect(rows.vehicle_location).toEqual([
    {
      ...event,
      event_generated_id: '15d26941-f269-0e7d-7a3a-3c395cafe9d4',
      event_timestamp: '2019-06-01T18:17:03.087Z',
      event_operation: 'register',
      vehicle_latitude: null,
      vehicle_longitude: null,
      vehicle_location_timestamp: null,
    },
    {
      ...event,
      event_generated_id: 'd0e9ffd0-e21a-16fa-0d8f-544fd7cda49e',
      event_timestamp: '2019-06-01T18:17:04.010Z',
      event_operation: 'update',
      vehicle_latitude: 52.45133,
      vehicle_longitude: 13.46045,
      vehicle_location_timestamp: '2019-06-01T18:17:04.010Z',
    },
  ]);
  expect(quarantine).toEqual([]);
  expect(counts).toEqual({ lines: 2, good: 2, duplicate: 0, quarantined: 0 });
});

test('an operating period goes to its own table', async () => {
  const { rows } = await runDefinition(door2door, [file(created)]);
  expect(rows.vehicle_location).toEqual([]);
  expect(rows.operating_periods).toEqual([
    {
      event_generated_id: '7e253de1-62c7-343e-d332-76d48e08d570',
      operating_period_id: 'op_2',
      event_timestamp: '2019-06-01T18:17:03.087Z',
      event_operation: 'create',
      organization_id: 'org-id',
      operating_period_start: '2019-06-01T18:17:04.079Z',
      operating_period_finish: '2019-06-01T18:22:04.079Z',
      original_s3_file_path: KEY,
    },
  ]);
});

test('an event that is told twice is a row once, and an unknown operation is held back with its place', async () => {
  const { rows, quarantine, counts } = await runDefinition(door2door, [
    file(registered, registered, { ...updated, event: 'landed' }, created),
  ]);
  expect(rows.vehicle_location).toHaveLength(1);
  expect(rows.operating_periods).toHaveLength(1);
  expect(quarantine).toEqual([
    {
      asset: 'door2door/vehicle_location',
      sourceKey: KEY,
      line: 3,
      reason: 'schema',
      detail: 'event: expected ("register" | "update" | "deregister"), received "landed"',
      excerpt: JSON.stringify({ ...updated, event: 'landed' }),
    },
  ]);
  expect(counts).toEqual({ lines: 4, good: 2, duplicate: 1, quarantined: 1 });
});

test('the sample of an hour is all good', async () => {
  const hour = windowOf({ unit: 'hour' }, Date.parse('2019-06-01T18:00:00Z'));
  const { rows, counts } = await runDefinition(door2door, sampleVehicles(hour));
  expect(counts).toEqual({ lines: 7_281, good: 7_281, duplicate: 0, quarantined: 0 });
  expect(rows.vehicle_location).toHaveLength(7_280);
  expect(rows.operating_periods).toHaveLength(1);
});
