import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { hourly, key, orNull, pipeline, rule, s3Files, table } from '../../define/index.ts';
import { findPipeline } from '../../define/pipeline.ts';
import type { PipelineDefinition } from '../../record/pipeline-definition.ts';
import { FieldCounter, topFields } from '../../record/field-counter.ts';
import { file, runRoad } from './run-road.ts';

const Reading = {
  id: v.string(),
  value: orNull(v.pipe(v.number(), v.minValue(0))),
  place: v.nullish(v.object({ lat: v.number(), room: v.optional(v.object({ name: v.string() })) })),
  parts: v.optional(v.array(v.object({ weight: orNull(v.number()) }))),
  free: v.optional(v.looseObject({ a: v.string() })),
  any: v.optional(v.record(v.string(), v.unknown())),
};

function readingsOf(contract: v.GenericSchema<unknown, { id: string; value: number | null }>): PipelineDefinition {
  return findPipeline(
    pipeline('sensors', {
      source: s3Files('s3://sensors/{yyyy}-{MM}-{dd}-{HH}.json'),
      window: hourly('2026-01-01T00'),
      tables: { readings: table(contract, (reading) => ({ id: key(reading.id), value: reading.value })) },
    }),
  )!;
}

/** Compiled: all but the two that no predicate is made of. */
const { free: _free, any: _any, ...plain } = Reading;
const compiled = readingsOf(v.object(plain));
const parsed = readingsOf(v.object(Reading));

function run(definition: PipelineDefinition, ...records: readonly object[]) {
  return runRoad(definition, [file('f', records.map((record) => JSON.stringify(record)).join('\n'))]);
}

describe.for([
  ['a compiled contract', compiled],
  ['a contract that is parsed', parsed],
] as const)('with %s', ([, definition]) => {
  test('fields that the contract does not know are counted by their names, and their records are good', () => {
    const { result } = run(
      definition,
      { id: 'a', value: 1 },
      { id: 'b', value: 1, colour: 'red', place: { lat: 1, lng: 2, room: { name: 'r', floor: 1 } } },
      { id: 'c', value: 1, colour: { r: 1, g: 2 } },
      { id: 'd', value: 1, parts: [{ weight: 1 }, { weight: 1, bolts: 3 }, { weight: 1, bolts: 4, nuts: 1 }] },
    );
    expect(result.lines).toEqual({ lines: 4, good: 4, duplicate: 0, quarantined: 0 });
    expect(result.drift).toEqual([
      { table: 'readings', field: 'colour', records: 2 },
      { table: 'readings', field: 'parts[].bolts', records: 1 },
      { table: 'readings', field: 'parts[].nuts', records: 1 },
      { table: 'readings', field: 'place.lng', records: 1 },
      { table: 'readings', field: 'place.room.floor', records: 1 },
    ]);
  });

  test('a new field in the place of one that may be absent is seen too', () => {
    const { result } = run(definition, { id: 'a', value: 1, plaze: null });
    expect(result.drift).toEqual([{ table: 'readings', field: 'plaze', records: 1 }]);
  });

  test('fields of a record that is held back are not counted', () => {
    const { result } = run(definition, { id: 7, value: 1, colour: 'red' });
    expect(result).toMatchObject({ lines: { quarantined: 1 }, drift: [], nulled: [] });
  });

  test('what does not fit becomes null where the contract says so, and is counted', () => {
    const { result, rows } = run(
      definition,
      { id: 'a', value: -1 },
      { id: 'b', value: 'three' },
      { id: 'c', value: null },
      { id: 'd', value: 4, parts: [{ weight: 'x' }, { weight: {} }, { weight: 1 }] },
    );
    expect(result.lines).toEqual({ lines: 4, good: 4, duplicate: 0, quarantined: 0 });
    expect(result.nulled).toEqual([
      { table: 'readings', field: 'value', records: 2 },
      { table: 'readings', field: 'parts[].weight', records: 1 },
    ]);
    expect(rows['readings']!.map(([, value]) => value?.readDoubleBE() ?? null)).toEqual([null, null, null, 4]);
  });

  test('a field that is missing is no value that does not fit', () => {
    const { result, held } = run(definition, { id: 'a' });
    expect(result.lines.quarantined).toBe(1);
    expect(held[0]).toMatchObject({ reason: 'schema', detail: 'value: expected a value, received nothing' });
  });
});

test('objects that welcome other fields have no new ones', () => {
  const { result } = run(parsed, { id: 'a', value: 1, free: { a: 'x', b: 1 }, any: { c: { d: 1 } } });
  expect(result.drift).toEqual([]);
});

test('an object that refuses other fields holds its record back', () => {
  const strict = readingsOf(v.strictObject({ id: v.string(), value: v.number() }));
  const { result, held } = run(strict, { id: 'a', value: 1, colour: 'red' }, { id: 'b', value: 1 });
  expect(result).toMatchObject({ lines: { good: 1, quarantined: 1 }, drift: [] });
  expect(held[0]).toMatchObject({ reason: 'schema', detail: 'colour: the contract has no such field' });
});

test('a rule is asked once more of a record with new fields, without them', () => {
  const ruled = readingsOf(
    v.pipe(
      v.object({ id: v.string(), value: v.number() }),
      rule({ version: 1, reason: 'has two fields', holds: (reading) => Object.keys(reading).length === 2 }),
    ),
  );
  const { result } = run(ruled, { id: 'a', value: 1 }, { id: 'b', value: 1, colour: 'red' });
  expect(result).toMatchObject({ lines: { good: 2 }, drift: [{ field: 'colour', records: 1 }] });
});

test('however many different fields there are, the most frequent ones are kept', () => {
  const counter = new FieldCounter('readings');
  for (let record = 0; record < 20_000; record += 1)
    counter.add(['often', ...(record % 2 ? ['half'] : []), `id ${record}`]);
  const other = new FieldCounter('alarms');
  for (let record = 0; record < 15_000; record += 1) other.add(['more']);
  const top = topFields([counter, other]);
  expect(top).toHaveLength(50);
  expect(top.slice(0, 3)).toEqual([
    { table: 'readings', field: 'often', records: 20_000 },
    { table: 'alarms', field: 'more', records: 15_000 },
    { table: 'readings', field: 'half', records: 10_000 },
  ]);
});

test('a record that is full of new fields is not counted to its end', () => {
  const counter = new FieldCounter('readings');
  counter.add(Array.from({ length: 5_000 }, (_, index) => `id ${index}`));
  expect(counter.counts()).toHaveLength(100);
});
