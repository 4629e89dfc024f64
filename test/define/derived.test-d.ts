import * as v from 'valibot';
import { expectTypeOf } from 'vitest';
import { vehicleLocationUpdate } from '../../assets/door2door/derived.ts';
import type { distancePerPeriod } from '../../assets/door2door/derived.ts';
import { door2door } from '../../assets/door2door/pipeline.ts';
import { around, daily, derived, sql, timestamp, uuid, window } from '../../define/index.ts';
import type { Row, Timestamp, Uuid, Window } from '../../define/index.ts';

// A row is as it was declared: own types, and null where it may be absent.
expectTypeOf<Row<typeof vehicleLocationUpdate>>().toEqualTypeOf<{
  readonly vehicle_id: Uuid;
  readonly at: Timestamp;
  readonly lat: number | null;
  readonly lng: number | null;
}>();
expectTypeOf<Row<typeof distancePerPeriod>['average_distance_m']>().toEqualTypeOf<number | null>();

const row = v.object({ id: uuid(), at: timestamp(), note: v.nullish(v.string()) });
const statement = sql`select id, at, note from ${door2door.vehicle_location} where event_timestamp <@ ${window}`;

derived('door2door/notes', { window: daily(), key: ['id', 'at'], row, sql: statement });
derived('door2door/notes', { window: daily('2020-01-01'), key: ['id'], row, sql: statement, when: 'complete' });
derived('door2door/notes', { key: ['id'], row, sql: sql`select * from ${vehicleLocationUpdate}` });
derived('door2door/notes', {
  window: daily(),
  key: ['id'],
  row,
  sql: statement,
  reads: [around(vehicleLocationUpdate, { offset: -1, count: 2 })],
});
expectTypeOf<Row<ReturnType<typeof derived<typeof row>>>['note']>().toEqualTypeOf<string | null>();

// @ts-expect-error the row has no column of this name.
derived('door2door/notes', { window: daily(), key: ['vehicle'], row, sql: statement });

// @ts-expect-error a key is never null, and "note" can be.
derived('door2door/notes', { window: daily(), key: ['note'], row, sql: statement });

// @ts-expect-error rows are told apart by something.
derived('door2door/notes', { window: daily(), key: [], row, sql: statement });

// @ts-expect-error a column holds one value, not an object.
derived('door2door/notes', { key: ['id'], row: v.object({ id: uuid(), place: v.object({}) }), sql: statement });

// @ts-expect-error a statement is written with sql`…`: text alone does not say what it reads.
derived('door2door/notes', { key: ['id'], row, sql: 'select id from door2door.vehicle_location' });

// @ts-expect-error there is no table of this name.
void sql`select id from ${door2door.vehicle_locations}`;

// @ts-expect-error a value has no place in a statement: write it there.
void sql`select id from ${door2door.vehicle_location} where note = ${'lost'}`;

// @ts-expect-error it is computed from "any" of its inputs or the "complete" set.
derived('door2door/notes', { key: ['id'], row, sql: statement, when: 'all' });

// A function is given typed rows and its window, and yields what `row` takes.
derived('door2door/notes', {
  window: daily(),
  key: ['id', 'at'],
  row,
  version: 1,
  reads: [door2door.vehicle_location, around(vehicleLocationUpdate, { offset: -1, count: 2 })],
  async *compute({ window: own, read, signal }) {
    expectTypeOf(own).toEqualTypeOf<Window>();
    expectTypeOf(signal).toEqualTypeOf<AbortSignal>();
    for await (const location of read(door2door.vehicle_location)) {
      expectTypeOf(location).toEqualTypeOf<Row<typeof door2door.vehicle_location>>();
      yield { id: location.vehicle_id, at: '2019-06-01T18:00:00Z', note: undefined };
    }
    for await (const { lat } of read(vehicleLocationUpdate)) expectTypeOf(lat).toEqualTypeOf<number | null>();
  },
});

derived('door2door/notes', {
  key: ['id'],
  row,
  version: 1,
  reads: [vehicleLocationUpdate],
  async *compute({ window: own, read }) {
    expectTypeOf(own).toEqualTypeOf<undefined>();
    for await (const { vehicle_id, at } of read(vehicleLocationUpdate)) yield { id: vehicle_id, at };
  },
});

const reads = [vehicleLocationUpdate];
async function* compute() {
  yield { id: 'a', at: 'b' };
}
derived('door2door/notes', { key: ['id'], row, version: 1, reads, compute });

// @ts-expect-error a function has a version.
derived('door2door/notes', { key: ['id'], row, reads, compute });

// @ts-expect-error what a function reads is written.
derived('door2door/notes', { key: ['id'], row, version: 1, compute });

// @ts-expect-error rows come from one of the two.
derived('door2door/notes', { key: ['id'], row, version: 1, reads, compute, sql: statement });

// @ts-expect-error rows come from a statement or a function.
derived('door2door/notes', { key: ['id'], row });

derived('door2door/notes', {
  key: ['id'],
  row,
  version: 1,
  reads,
  // @ts-expect-error the row has no number for an id.
  async *compute() {
    yield { id: 1, at: 'b' };
  },
});

derived('door2door/notes', {
  key: ['id'],
  row,
  version: 1,
  reads,
  async *compute({ read }) {
    // @ts-expect-error the table has no such column.
    for await (const { latitude } of read(vehicleLocationUpdate)) yield { id: String(latitude), at: 'b' };
  },
});
