import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { door2door } from '../../assets/door2door/pipeline.ts';
import { findPipeline } from '../../define/index.ts';
import { TooManyKeysError } from '../../record/key-set.ts';
import { MAX_QUARANTINE_ROWS } from '../../record/quarantine-rows.ts';
import type { Segment } from '../../record/segment.ts';
import { file, runRoad, text, vehicleLine, vehicles } from './run-road.ts';

const REAL_HOUR = '../shared/data/door2door/data';
const definition = findPipeline(door2door)!;

/** The real hour where it is, else one that the product's own generator makes. */
function readHour(): readonly Segment[] {
  if (!existsSync(REAL_HOUR)) {
    const start = definition.spec.window.first;
    return definition.sample!({ start, end: start + 3_600_000 }).map(({ key, body }) =>
      file(key, Buffer.from(body as string)),
    );
  }
  const names = readdirSync(REAL_HOUR).toSorted();
  return names.map((name) => file(`data/${name}`, readFileSync(`${REAL_HOUR}/${name}`)));
}

const formatUuid = (bytes: Buffer) =>
  bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/u, '$1-$2-$3-$4-$5');

const counts = (good: number) => ({ lines: good, good, duplicate: 0, quarantined: 0 });

test('makes a row of every record of an hour, each with an id of its own', () => {
  const hour = readHour();
  const { result, rows } = runRoad(definition, hour);
  const lines = hour.flatMap((segment) => ('bytes' in segment ? segment.bytes.toString().trimEnd().split('\n') : []));
  const vehicleLines = lines.filter((line) => line.includes('"on":"vehicle"')).length;
  expect(result).toEqual({
    lines: counts(lines.length),
    tables: { vehicle_location: counts(vehicleLines), operating_periods: counts(lines.length - vehicleLines) },
    reasons: {},
    quarantineRows: 0,
    drift: [],
    nulled: [],
  });
  expect(new Set(rows['vehicle_location']!.map(([id]) => id!.toString('hex'))).size).toBe(vehicleLines);
});

const HOUR_NAME = existsSync(REAL_HOUR)
  ? 'the known ids of the real hour'
  : 'ids that differ, as the real hour is not here';

test(`makes ${HOUR_NAME}`, () => {
  const { rows } = runRoad(definition, readHour());
  const ids = rows['vehicle_location']!.map(([id]) => formatUuid(id!)).toSorted();
  const periods = rows['operating_periods']!.map(([id, period]) => [text(period), formatUuid(id!)]).toSorted();
  if (!existsSync(REAL_HOUR)) return expect(new Set(ids).size).toBe(ids.length);
  expect(createHash('sha256').update(ids.join('\n')).digest('hex')).toBe(
    '9ae4618c4eef921d65a430ebda0962a59b81188d6272716b13b231546c982917',
  );
  expect(periods).toEqual([
    ['op_1', '273a419d-12e7-067c-cad5-153fd7e5b3ee'],
    ['op_2', '7e253de1-62c7-343e-d332-76d48e08d570'],
  ]);
});

test('makes the same bytes of the same segments', () => {
  const digest = () => {
    const { chunks } = runRoad(definition, readHour());
    return Object.entries(chunks).map(([name, parts]) => [
      name,
      createHash('sha256').update(Buffer.concat(parts)).digest('hex'),
    ]);
  };
  expect(digest()).toEqual(digest());
});

test('counts a repeated record once, whatever its spacing, file and the order of its fields', () => {
  const again = JSON.stringify(
    Object.fromEntries(Object.entries(JSON.parse(vehicleLine('a')) as object).toReversed()),
    null,
    1,
  );
  const { result, rows } = runRoad(vehicles, [
    file('one', `${vehicleLine('a')}\n${vehicleLine('b')}\n`),
    file('two', `${again.replaceAll('\n', ' ')}\n${vehicleLine('b')}`),
  ]);
  expect(result.lines).toEqual({ lines: 4, good: 2, duplicate: 2, quarantined: 0 });
  expect(rows['vehicle']!.map((row) => [text(row[1]), text(row[6])])).toEqual([
    ['a', 'one'],
    ['b', 'one'],
  ]);
});

test('holds back a record with a key that came before with other values', () => {
  const { result, held } = runRoad(vehicles, [
    file('f', `${vehicleLine('a')}\n${vehicleLine('a', { event: 'register' })}\n`),
  ]);
  expect(result).toEqual({
    lines: { lines: 2, good: 1, duplicate: 0, quarantined: 1 },
    tables: { vehicle: { lines: 2, good: 1, duplicate: 0, quarantined: 1 } },
    reasons: { key_conflict: 1 },
    quarantineRows: 1,
    drift: [],
    nulled: [],
  });
  expect(held).toEqual([
    {
      asset: 'fleet/vehicle',
      sourceKey: 'f',
      line: 2,
      reason: 'key_conflict',
      detail: 'a record with the same id but other values came before',
      excerpt: vehicleLine('a', { event: 'register' }),
    },
  ]);
});

test('holds back a rejected file as a whole, which counts as no line', () => {
  const { result, held } = runRoad(vehicles, [{ source: 'bad.gz', rejected: 'gzip' }, file('good', vehicleLine('a'))]);
  expect(result.lines).toEqual({ lines: 1, good: 1, duplicate: 0, quarantined: 0 });
  expect(result.reasons).toEqual({ gzip: 1 });
  expect(held).toEqual([
    {
      asset: 'fleet/events',
      sourceKey: 'bad.gz',
      line: 0,
      reason: 'gzip',
      detail: 'the file could not be used',
      excerpt: '',
    },
  ]);
});

test('says which asset a record broke, or the merged object where that is not known', () => {
  const lines = ['{}', vehicleLine('', {}), vehicleLine('a', { on: 'boat' })];
  const { held, result } = runRoad(vehicles, [file('f', lines.join('\n'))]);
  expect(held.map(({ asset, reason, detail }) => [asset, reason, detail])).toEqual([
    ['fleet/events', 'schema', 'on: expected a text, received nothing'],
    ['fleet/vehicle', 'schema', 'data.id: expected >=1, received 0'],
    ['fleet/events', 'unknown_entity', 'no table takes records with on "boat"'],
  ]);
  expect(result.tables).toEqual({ vehicle: { lines: 1, good: 0, duplicate: 0, quarantined: 1 } });
});

test('keeps a bounded excerpt that Postgres can hold', () => {
  const { held } = runRoad(vehicles, [file('f', Buffer.from(`\0\ud83d${'𝄞'.repeat(3_000)}\n`))]);
  expect(held[0]!.excerpt).toBe(`\ufffd\ufffd${'𝄞'.repeat(999)}`);
});

test('counts every misfit, but keeps no more rows of them than anybody reads', () => {
  const lines = Array.from({ length: MAX_QUARANTINE_ROWS + 5 }, () => 'x').join('\n');
  const { result, held } = runRoad(vehicles, [file('f', lines)]);
  expect(result.reasons).toEqual({ bad_json: MAX_QUARANTINE_ROWS + 4, truncated_tail: 1 });
  expect(result.quarantineRows).toBe(MAX_QUARANTINE_ROWS);
  expect(held.length).toBe(MAX_QUARANTINE_ROWS);
});

test('hands over many rows in chunks of about 512 KiB that end between rows', () => {
  const lines = Array.from({ length: 20_000 }, (_, index) => vehicleLine(`vehicle ${index}`)).join('\n');
  const { result, rows, chunks } = runRoad(vehicles, [file('f', lines)]);
  expect(result.lines.good).toBe(20_000);
  expect(rows['vehicle']!.map((row) => text(row[1]))).toEqual(
    Array.from({ length: 20_000 }, (_, index) => `vehicle ${index}`),
  );
  const sizes = chunks['vehicle']!.map(({ length }) => length);
  expect(sizes.slice(0, -1).every((size) => size >= 524_288 && size < 600_000)).toBe(true);
  expect(sizes.length).toBeGreaterThan(2);
});

test('writes header and trailer where there are no rows', () => {
  const { rows, result } = runRoad(vehicles, []);
  expect(rows).toEqual({ vehicle: [] });
  expect(result.lines).toEqual({ lines: 0, good: 0, duplicate: 0, quarantined: 0 });
});

test('stops where a window has more keys than memory was given for', () => {
  const lines = ['a', 'b', 'c'].map((id) => vehicleLine(id)).join('\n');
  expect(() => runRoad(vehicles, [file('f', lines)], { keysPerTable: 2 })).toThrow(TooManyKeysError);
});
