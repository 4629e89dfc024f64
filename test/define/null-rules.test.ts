import * as v from 'valibot';
import { expect, test } from 'vitest';
import { findPipeline, hourly, key, orNull, pipeline, s3Files, table, timestamp } from '../../define/index.ts';
import { runDefinition } from '../../testing/index.ts';

const Event = v.object({
  at: timestamp(),
  organization_id: v.string(),
  note: v.nullish(v.string()),
  state: v.nullish(v.string(), 'unknown'),
  seats: v.nullish(v.pipe(v.number(), v.integer()), 4),
  battery: v.optional(orNull(v.number())),
});

const events = pipeline('events_of', {
  source: s3Files('s3://events-of/{yyyy}-{MM}-{dd}-{HH}-events.json'),
  window: hourly('2026-01-01T00'),
  tables: {
    event: table(Event, ({ at, organization_id, note, state, seats, battery }) => ({
      at: key(at),
      organization_id,
      note,
      state,
      seats,
      battery,
    })),
  },
  parquet: true,
});

const AT = '2026-01-01T00:00:00.000Z';
const WHOLE = { at: AT, organization_id: 'org', note: 'a', state: 'on', seats: 2, battery: 0.5 };

test('what is required and null holds its record back, and says which field it was', async () => {
  for (const field of ['at', 'organization_id']) {
    for (const record of [{ ...WHOLE, [field]: null }, without(field)]) {
      const { rows, quarantine } = await run(record);
      expect(rows.event).toEqual([]);
      expect(quarantine).toMatchObject([
        { asset: 'events_of/event', line: 1, reason: 'schema', detail: expect.stringMatching(`^${field}: `) as string },
      ]);
    }
  }
});

test('what is kept is null', async () => {
  expect((await run({ ...WHOLE, note: null })).rows.event).toEqual([{ ...WHOLE, note: null }]);
  expect((await run(without('note'))).rows.event).toEqual([{ ...WHOLE, note: null }]);
});

test('what is replaced has the value that the definition says', async () => {
  for (const record of [
    { ...WHOLE, state: null, seats: null },
    { ...without('state'), seats: null },
  ]) {
    expect((await run(record)).rows.event).toEqual([{ ...WHOLE, state: 'unknown', seats: 4 }]);
  }
  const [misfit] = (await run({ ...WHOLE, seats: 'two' })).quarantine;
  expect(misfit?.detail).toBe('seats: expected number, received "two"');
});

test('what fits no type is null where the definition says so', async () => {
  expect((await run({ ...WHOLE, battery: 'low' })).rows.event).toEqual([{ ...WHOLE, battery: null }]);
});

test('the columns say which of them can be null', () => {
  const { spec } = findPipeline(events)!;
  expect(spec.tables[0]!.columns.map(({ name, type, nullable }) => [name, type, nullable])).toEqual([
    ['at', 'timestamptz', false],
    ['organization_id', 'text', false],
    ['note', 'text', true],
    ['state', 'text', false],
    ['seats', 'bigint', false],
    ['battery', 'double precision', true],
  ]);
});

function without(field: string): object {
  return Object.fromEntries(Object.entries(WHOLE).filter(([name]) => name !== field));
}

function run(record: object) {
  return runDefinition(events, [{ key: '2026-01-01-00-events.json', body: `${JSON.stringify(record)}\n` }]);
}
