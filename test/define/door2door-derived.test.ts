import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { distancePerPeriod, vehicleLocationUpdate } from '../../assets/door2door/derived.ts';
import { door2door } from '../../assets/door2door/pipeline.ts';
import { sampleVehicles } from '../../assets/door2door/sample.ts';
import { findDerived, findPipeline } from '../../define/index.ts';
import type { Derived } from '../../define/index.ts';
import { windowOf } from '../../model/window.ts';
import { renderStatement } from '../../record/render-statement.ts';
import { copyInto } from '../../warehouse/copy-into.ts';
import { ensureTables } from '../../warehouse/ensure-tables.ts';
import { openWarehouse } from '../../warehouse/open-warehouse.ts';
import type { Warehouse } from '../../warehouse/open-warehouse.ts';
import { transact } from '../../warehouse/transact.ts';
import { hasRealFiles, readRealFiles } from '../hour/real-files.ts';
import { file, runRoad } from '../record/run-road.ts';
import { createDatabase } from '../support/services.ts';
import { streamChunks } from '../warehouse/fixtures.ts';

interface SourceFile {
  readonly key: string;
  readonly body: string | Buffer;
}

const HOUR = windowOf({ unit: 'hour' }, Date.parse('2019-06-01T18:00:00Z'));
const definition = findPipeline(door2door)!;
const { tables } = definition.spec;

let warehouse: Warehouse;
let loads = 0;

beforeEach(async () => {
  warehouse = openWarehouse({ url: await createDatabase(), maxConnections: 2, applicationName: 'hourloom test' });
  await ensureTables(warehouse, tables);
});
afterEach(() => warehouse.close());

/** Carries files to the tables as a window's workflow does, each time under a load id of its own. */
async function loadFiles(files: Iterable<SourceFile>): Promise<void> {
  const { chunks } = runRoad(
    definition,
    [...files].map(({ key, body }) => file(key, body)),
  );
  loads += 1;
  await transact(warehouse.sql, async (tx) => {
    await tx`select set_config('hourloom.load_id', ${String(loads)}, true)`;
    for (const { schema, name, columns } of tables) {
      const target = { schema, table: name, columns: columns.map((column) => column.name) };
      await copyInto(tx, target, streamChunks(chunks[name] ?? []));
    }
  });
}

/** The rows of one partition, the days by their start. */
async function compute<Row extends object>(derived: Derived, day?: string): Promise<Row[]> {
  const spec = findDerived(derived)!;
  const window = spec.window && day !== undefined ? windowOf(spec.window, Date.parse(day)) : undefined;
  if (spec.computation.kind !== 'sql') throw new Error('this one is computed by a function');
  const { statement } = renderStatement(spec.computation.statement, window);
  const columns = spec.table.columns.map(({ name }) => name);
  const key = spec.table.key.join(', ');
  return warehouse.sql.unsafe<Row[]>(`select ${columns.join(', ')} from (${statement}) as computed order by ${key}`);
}

interface Distance {
  readonly operating_period_id: string;
  readonly vehicles: number;
  readonly updates: number;
  readonly average_distance_m: number | null;
  readonly total_distance_m: number;
}

function periodEvent(event: 'create' | 'delete', at: string, period: object): SourceFile {
  const data = { id: 'op', start: '2019-06-01T18:10:00Z', finish: '2019-06-01T18:20:00Z', ...period };
  return {
    key: `${at}.json`,
    body: JSON.stringify({ on: 'operating_period', event, at, organization_id: 'org', data }),
  };
}

function updateEvent(vehicle: number, at: string, lat: number, lng: number, locatedAt = at): SourceFile {
  const id = `00000000-0000-4000-8000-00000000000${vehicle}`;
  const data = { id, location: { lat, lng, at: locatedAt } };
  return {
    key: `${at}.json`,
    body: JSON.stringify({ on: 'vehicle', event: 'update', at, organization_id: 'org', data }),
  };
}

describe('the distance of an operating period', () => {
  test('is the great circle between one vehicle’s updates, in the order of their locations, both ends included', async () => {
    await loadFiles([
      periodEvent('create', '2019-06-01T18:00:00Z', {}),
      // A quarter of the equator, told in the wrong order: 3, 1, 2.
      updateEvent(1, '2019-06-01T18:10:02Z', 0, 90, '2019-06-01T18:20:00Z'),
      updateEvent(1, '2019-06-01T18:10:00Z', 0, 0, '2019-06-01T18:10:00Z'),
      updateEvent(1, '2019-06-01T18:10:01Z', 0, 30, '2019-06-01T18:15:00Z'),
      // One that never moved, and another outside of the period.
      updateEvent(2, '2019-06-01T18:12:00Z', 52.5, 13.4),
      updateEvent(1, '2019-06-01T18:20:01Z', 0, 120),
      updateEvent(3, '2019-06-01T18:09:59Z', 0, 120),
    ]);
    const [period, ...others] = await compute<Distance>(distancePerPeriod);
    expect(others).toEqual([]);
    expect(period).toMatchObject({ operating_period_id: 'op', vehicles: 2, updates: 4 });
    const quarter = (6_371_008.8 * Math.PI) / 2;
    expect(period?.total_distance_m).toBeCloseTo(quarter, 4);
    expect(period?.average_distance_m).toBeCloseTo(quarter / 2, 4);
  });

  test('is zero where no vehicle sent an update, and has no average', async () => {
    await loadFiles([periodEvent('create', '2019-06-01T18:00:00Z', {})]);
    expect(await compute(distancePerPeriod)).toEqual([
      { operating_period_id: 'op', vehicles: 0, updates: 0, average_distance_m: null, total_distance_m: 0 },
    ]);
  });

  test('is of the period as its last event says: deleted ones are none', async () => {
    await loadFiles([
      periodEvent('create', '2019-06-01T18:00:00Z', {}),
      periodEvent('create', '2019-06-01T18:00:01Z', { finish: '2019-06-01T18:11:00Z' }),
      periodEvent('create', '2019-06-01T18:00:00Z', { id: 'gone' }),
      periodEvent('delete', '2019-06-01T18:00:01Z', { id: 'gone' }),
      updateEvent(1, '2019-06-01T18:10:30Z', 0, 0),
      updateEvent(1, '2019-06-01T18:11:30Z', 0, 1),
    ]);
    expect(await compute(distancePerPeriod)).toMatchObject([{ operating_period_id: 'op', updates: 1 }]);
  });

  test('is, over generated files, what plain arithmetic gives', async () => {
    const files = sampleVehicles(HOUR);
    await loadFiles(files);
    const expected = computeByHand(files);
    const [period] = await compute<Distance>(distancePerPeriod);
    expect(period).toMatchObject({ vehicles: 40, updates: expected.updates });
    expect(period?.total_distance_m).toBeCloseTo(expected.metres, 3);
    expect(period?.average_distance_m).toBeCloseTo(expected.metres / 40, 3);
  });

  // The real hour lies beside the project, not in it.
  if (hasRealFiles) {
    test('is, over the real hour, what is known of it', async () => {
      await loadFiles(await readRealFiles());
      const [first, second, ...others] = await compute<Distance>(distancePerPeriod);
      expect(others).toEqual([]);
      expect(first).toMatchObject({ operating_period_id: 'op_1', vehicles: 44, updates: 6_211 });
      expect(second).toMatchObject({ operating_period_id: 'op_2', vehicles: 100, updates: 25_655 });
      // The known answers have three decimals.
      expect(first?.average_distance_m).toBeCloseTo(4_938.394, 2);
      expect(first?.total_distance_m).toBeCloseTo(217_289.327, 2);
      expect(second?.average_distance_m).toBeCloseTo(9_016.878, 2);
      expect(second?.total_distance_m).toBeCloseTo(901_687.77, 2);
    });
  } else {
    test('has known answers in the real hour, which is not at hand: generated files only', () => {
      expect(hasRealFiles).toBe(false);
    });
  }
});

describe('the daily updates of vehicles', () => {
  test('are those of the day in UTC, its first instant included and its last excluded, each told once', async () => {
    const files = [
      updateEvent(1, '2019-05-31T23:59:59.999Z', 1, 1),
      updateEvent(1, '2019-06-01T00:00:00Z', 2, 20),
      updateEvent(1, '2019-06-01T23:59:59.999Z', 3, 30),
      updateEvent(1, '2019-06-02T00:00:00Z', 4, 40),
      periodEvent('create', '2019-06-01T12:00:00Z', {}),
    ];
    await loadFiles(files);
    // The same event in the files of another hour.
    await loadFiles(files.slice(2, 3));
    const vehicle = { vehicle_id: '00000000-0000-4000-8000-000000000001' };
    expect(await compute(vehicleLocationUpdate, '2019-06-01')).toEqual([
      { ...vehicle, at: new Date('2019-06-01T00:00:00Z'), lat: 2, lng: 20 },
      { ...vehicle, at: new Date('2019-06-01T23:59:59.999Z'), lat: 3, lng: 30 },
    ]);
  });

  test('are 7,200 in a generated hour', async () => {
    await loadFiles(sampleVehicles(HOUR));
    expect(await compute(vehicleLocationUpdate, '2019-06-01')).toHaveLength(7_200);
    expect(await compute(vehicleLocationUpdate, '2019-06-02')).toEqual([]);
  });
});

interface SampleEvent {
  readonly on: string;
  readonly event: string;
  readonly data: {
    readonly id: string;
    readonly start: string;
    readonly finish: string;
    readonly location: { readonly lat: number; readonly lng: number; readonly at: string };
  };
}

/** The sample's files tell each vehicle's updates in their order. */
function computeByHand(files: readonly { readonly body: string }[]): { updates: number; metres: number } {
  const events = files.flatMap(({ body }) => body.trimEnd().split('\n')).map((line) => JSON.parse(line) as SampleEvent);
  const { start, finish } = events.find(({ on }) => on === 'operating_period')!.data;
  const before = new Map<string, SampleEvent['data']['location']>();
  let updates = 0;
  let metres = 0;
  for (const { on, event, data } of events) {
    if (on !== 'vehicle' || event !== 'update' || data.location.at < start || data.location.at > finish) continue;
    const from = before.get(data.id);
    updates += 1;
    if (from) metres += haversine(from, data.location);
    before.set(data.id, data.location);
  }
  return { updates, metres };
}

function haversine(a: { lat: number; lng: number }, b: { lat: number; lng: number }): number {
  const radians = (degrees: number) => (degrees * Math.PI) / 180;
  const sinLat = Math.sin(radians(b.lat - a.lat) / 2);
  const sinLng = Math.sin(radians(b.lng - a.lng) / 2);
  const square = sinLat ** 2 + Math.cos(radians(a.lat)) * Math.cos(radians(b.lat)) * sinLng ** 2;
  return 2 * 6_371_008.8 * Math.asin(Math.sqrt(square));
}
