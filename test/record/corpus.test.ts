import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import * as v from 'valibot';
import { expect, test } from 'vitest';
import { money, orNull, rule, timestamp, uuid } from '../../define/index.ts';
import { compileAccept } from '../../record/accept.ts';
import { decodeLine } from '../../record/decode-line.ts';
import type { LineBytes } from '../../record/decode-line.ts';
import { LineSplitter } from '../../record/split-lines.ts';
import { file, runRoad, vehicleLine, vehicles } from './run-road.ts';

const CORPUS = '../shared/corpus';

interface Case {
  readonly id: string;
  readonly level: 'key' | 'file' | 'gzip' | 'line' | 'field' | 'load';
  readonly name: string;
  readonly expected: {
    readonly file: string;
    readonly good?: number;
    readonly dead?: number;
    readonly duplicates?: number;
    readonly codes?: readonly string[];
  };
}

const cases = existsSync(CORPUS) ? (JSON.parse(readFileSync(`${CORPUS}/cases.json`, 'utf8')) as readonly Case[]) : [];
/** The other levels and verdicts are about names and files as a whole, which the lake decides. */
const recordCases = cases.filter(({ level, expected }) => level !== 'key' && expected.file === 'ok');

const CORPUS_NAME = existsSync(CORPUS)
  ? 'the shared corpus and own cases'
  : 'own cases only, as the shared corpus is not here';

test(`judges ${CORPUS_NAME}`, () => {
  expect(recordCases.length > 0).toBe(existsSync(CORPUS));
});

test.for(recordCases)('$id: $name', ({ id, expected }) => {
  const { result, held } = runRoad(vehicles, [file(id, readAsLake(`${CORPUS}/cases/${id}.bin`))]);
  expect({
    good: result.lines.good,
    dead: result.lines.quarantined,
    duplicates: result.lines.duplicate,
    codes: held.map(({ reason }) => reason),
  }).toEqual({
    good: expected.good,
    dead: expected.dead,
    duplicates: expected.duplicates,
    codes: expected.codes ?? [],
  });
});

/** Each changes values, asks functions or looks at more than the contract of `vehicles` does. */
const CONTRACTS: Readonly<Record<string, v.GenericSchema>> = {
  lenient: v.object({
    on: orNull(v.literal('vehicle')),
    event: orNull(v.picklist(['update', 'register'])),
    at: orNull(timestamp()),
    organization_id: v.optional(orNull(v.string())),
    data: orNull(
      v.object({ id: orNull(uuid()), location: v.nullish(orNull(v.object({ lat: money(), lng: money() }))) }),
    ),
  }),
  ruled: v.pipe(
    v.object({ on: v.string(), at: timestamp({ zone: 'UTC' }), data: v.object({ id: v.string() }) }),
    rule({ version: 1, reason: 'has three fields', holds: (record) => Object.keys(record).length === 3 }),
    rule({ version: 1, reason: 'is of 2019', holds: ({ at }) => at.startsWith('2019') }),
    rule({
      version: 1,
      reason: 'its id is short',
      holds: ({ data: { id } }) => {
        if (id.length > 30) throw new Error('too long');
        return id.length < 20;
      },
    }),
  ),
};

test.for(Object.entries(CONTRACTS))('accepts of each record what a parse accepts: %s', ([, contract]) => {
  const accept = compileAccept(contract);
  const verdicts = { good: 0, quarantined: 0 };
  const judge = (line: LineBytes): void => {
    const decoded = decodeLine(line);
    if (decoded.kind === 'quarantined') return;
    const before = structuredClone(decoded.record);
    const parsed = v.safeParse(contract, decoded.record);
    const accepted = accept(decoded.record, decoded.names);
    verdicts[accepted.kind] += 1;
    expect(accepted.kind === 'good').toBe(parsed.success);
    if (accepted.kind === 'good') expect(accepted.value).toMatchObject(parsed.output as object);
    expect(decoded.record).toEqual(before);
  };
  const files = recordCases.map(({ id }) => readAsLake(`${CORPUS}/cases/${id}.bin`));
  const own = ['x', 'x'.repeat(25), 'x'.repeat(35)].flatMap((id) => [
    vehicleLine(id),
    vehicleLine(id, { at: '2020-01-01T00:00:00', data: { id: 7 } }),
    JSON.stringify({ on: 'vehicle', at: '2019-06-01 18:17:03', data: { id, more: 1 } }),
  ]);
  for (const [index, bytes] of [...files, Buffer.from(own.join('\n'))].entries()) {
    const splitter = new LineSplitter({ line: judge, tooLarge: () => undefined });
    splitter.push({ source: String(index), line: 1, last: true, bytes });
    splitter.finish();
  }
  expect(verdicts.good).toBeGreaterThan(0);
  expect(verdicts.quarantined).toBeGreaterThan(0);
});

/** The bytes that the lake would give on: unpacked, without one byte order mark. */
function readAsLake(path: string): Buffer {
  const stored = readFileSync(path);
  const bytes = stored[0] === 0x1f && stored[1] === 0x8b ? gunzipSync(stored) : stored;
  return bytes.subarray(0, 3).equals(Buffer.from('efbbbf', 'hex')) ? bytes.subarray(3) : bytes;
}

const at = (time: string) => vehicleLine('x', { at: time });
const located = (lat: string) =>
  vehicleLine('x', { data: { id: 'x', location: { lat: 0, lng: 1, at: '2019-06-01T18:17:10Z' } } }).replace(
    '"lat":0',
    `"lat":${lat}`,
  );

test.for([
  ['half an object', '{"on":"vehicle"', 'bad_json'],
  ['single quotes', "{'on':1}", 'bad_json'],
  ['a trailing comma', '{"on":"vehicle",}', 'bad_json'],
  ['NaN', '{"on":NaN}', 'bad_json'],
  ['a leading zero', '{"on":01}', 'bad_json'],
  ['a raw tab in a text', '{"on":"a\tb"}', 'bad_json'],
  ['a byte order mark', '\ufeff{}', 'bad_json'],
  ['NULs', '\0\0\0', 'bad_json'],
  ['null', 'null', 'not_object'],
  ['an array', '[{}]', 'not_object'],
  ['a text', '"{}"', 'not_object'],
  ['an empty object', '{}', 'schema'],
  ['deep nesting', `{"a":${'['.repeat(70)}${']'.repeat(70)}}`, 'depth'],
  ['deep nesting that is never closed', '['.repeat(100_000), 'depth'],
  ['a name twice', '{"a":1,"a":1}', 'dup_key'],
  ['a name twice, once escaped', '{"a":1,"\\u0061":1}', 'dup_key'],
  ['a name twice within arrays', '{"a":[[],{"b":1},{"c":1,"c":1}]}', 'dup_key'],
  ['__proto__', '{"__proto__":{}}', 'forbidden_key'],
  ['__proto__, escaped', '{"\\u005f_proto__":{}}', 'forbidden_key'],
  ['constructor with prototype', '{"constructor":{"prototype":{}}}', 'forbidden_key'],
  ['NUL in a text', vehicleLine('a\0b'), 'nul'],
  ['NUL in a name', vehicleLine('a', { 'a\0b': 1 }), 'nul'],
  ['a lone high surrogate', vehicleLine('x').replace('"x"', '"\\ud834"'), 'surrogate'],
  ['a lone low surrogate', vehicleLine('x').replace('"x"', '"\\uDC00"'), 'surrogate'],
  ['an inverted pair', vehicleLine('x').replace('"x"', '"\\udd1e\\ud834"'), 'surrogate'],
  ['a number past the largest double', located('1e400'), 'number_range'],
  ['a number that would become zero', located('1e-400'), 'number_precision'],
  ['a fraction that would become zero', located(`0.${'0'.repeat(400)}1`), 'number_precision'],
  ['an integer that no double holds', located('9007199254740993'), 'number_precision'],
  ['a negative integer that no double holds', located('-9007199254740993'), 'number_precision'],
  ['an empty id', vehicleLine(''), 'schema'],
  ['a latitude past the pole', located('90.1'), 'schema'],
  ['a time as a number', vehicleLine('x', { at: 1_559_413_030 }), 'schema'],
  ['no time', vehicleLine('x', { at: null }), 'schema'],
  ['a date only', at('2019-06-01'), 'timestamp'],
  ['31 June', at('2019-06-31T00:00:00Z'), 'timestamp'],
  ['a leap second', at('2016-12-31T23:59:60Z'), 'timestamp'],
  ['the year 1899', at('1899-12-31T23:59:59.999Z'), 'time_window'],
  ['the year 2101', at('2101-01-01T00:00:00.000Z'), 'time_window'],
  ['no kind', vehicleLine('x', { on: undefined }), 'schema'],
  ['an unknown kind', vehicleLine('x', { on: 'boat' }), 'unknown_entity'],
  ['a line of more than 1 MiB', vehicleLine('x'.repeat(1_048_577)), 'line_too_long'],
] as const)('holds back %s, and lets its neighbours pass', ([, line, reason]) => {
  const { result, held } = runRoad(vehicles, [file('f', `${vehicleLine('a')}\n${line}\n${vehicleLine('b')}\n`)]);
  expect(held.map((row) => ({ line: row.line, reason: row.reason }))).toEqual([{ line: 2, reason }]);
  expect(result.lines).toEqual({ lines: 3, good: 2, duplicate: 0, quarantined: 1 });
});

test.for([
  ['an escaped pair', vehicleLine('x').replace('"x"', '"\\ud834\\udd1e"')],
  ['a noncharacter', vehicleLine('\uffff')],
  ['a byte order mark within a text', vehicleLine('a\ufeffb')],
  ['text that COPY could take for its own', vehicleLine('\\N\t\\.\r\n')],
  ['an unknown field', vehicleLine('x', { more: [{ a: 1 }, { a: 2 }] })],
  ['a field named constructor', vehicleLine('x', { constructor: 'McLaren' })],
  ['names that come again in other objects', vehicleLine('x', { more: { id: 1, data: [{ id: 1 }] } })],
  ['minus zero', located('-0.0')],
  ['the smallest double', located('5e-324')],
  ['a fraction of many digits', located('0.30000000000000004')],
  ['a large integer that a double holds', located('1').replace('"update"', '"update","n":9007199254740992')],
  ['a time with nanoseconds', at('2019-06-01T18:59:59.999999999Z')],
  ['a time with an offset', at('2019-06-01T18:17:10-00:00')],
] as const)('lets pass %s', ([, line]) => {
  const { result, held } = runRoad(vehicles, [file('f', `${line}\n`)]);
  expect(held).toEqual([]);
  expect(result.lines).toEqual({ lines: 1, good: 1, duplicate: 0, quarantined: 0 });
});

test.for([
  ['ff', 'encoding'],
  ['eda080', 'encoding'],
  ['f4908080', 'encoding'],
  ['c3', 'encoding'],
] as const)('holds back a line with the bytes %s, which are not UTF-8', ([hex, reason]) => {
  const [before, after] = vehicleLine('|').split('|');
  const line = Buffer.concat([Buffer.from(before!), Buffer.from(hex, 'hex'), Buffer.from(after!)]);
  const bytes = Buffer.concat([Buffer.from(`${vehicleLine('a')}\n`), line, Buffer.from(`\n${vehicleLine('b')}\n`)]);
  const { result, held } = runRoad(vehicles, [file('f', bytes)]);
  expect(held.map((row) => ({ line: row.line, reason: row.reason }))).toEqual([{ line: 2, reason }]);
  expect(result.lines.good).toBe(2);
});

test('says of a last line that stops in the middle that it is cut off', () => {
  const { held } = runRoad(vehicles, [file('f', `${vehicleLine('a')}\n${vehicleLine('b').slice(0, 40)}`)]);
  expect(held).toMatchObject([{ line: 2, reason: 'truncated_tail', excerpt: vehicleLine('b').slice(0, 40) }]);
});
