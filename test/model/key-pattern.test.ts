import { existsSync, readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KeyPatternError, parseKeyPattern } from '../../model/key-pattern.ts';
import { MAX_PREFIXES, listPrefixes, listWholePrefixes } from '../../model/list-prefixes.ts';
import { matchKey } from '../../model/match-key.ts';
import type { KeyMatch } from '../../model/match-key.ts';

const CASES = '../shared/corpus/cases.json';
const EVENTS = parseKeyPattern('data/{yyyy}-{MM}-{dd}-{HH}-{m}-{s}-events.json');
const RETAIL = parseKeyPattern('date={yyyy}-{MM}-{dd}/hour={H|HH}/{table}.json{|.gz}');
const CORPUS_NAME = existsSync(CASES) ? 'shared corpus' : 'own cases, as the shared corpus is not here';
const CLOCK = -180;
const HOUR_MS = 3_600_000;

const REJECT: KeyMatch = { kind: 'reject', reason: 'key' };
const SKIP: KeyMatch = { kind: 'skip', reason: 'pattern' };

describe('matchKey', () => {
  test('reads the time of a key by the clock of the names', () => {
    expect(matchKey(EVENTS, 'data/2019-06-01-15-17-3-events.json', CLOCK)).toEqual({
      kind: 'match',
      at: Date.parse('2019-06-01T18:17:03Z'),
    });
    expect(matchKey(EVENTS, 'data/2019-12-31-23-0-0-events.json', CLOCK)).toEqual({
      kind: 'match',
      at: Date.parse('2020-01-01T02:00:00Z'),
    });
  });

  test('takes every spelling and alternative of a place, and the table from the name', () => {
    const at = Date.parse('2020-01-05T07:00:00Z');
    expect(matchKey(RETAIL, 'date=2020-01-05/hour=7/customers.json', 0)).toEqual({
      kind: 'match',
      at,
      table: 'customers',
    });
    expect(matchKey(RETAIL, 'date=2020-01-05/hour=07/products.json.gz', 0)).toEqual({
      kind: 'match',
      at,
      table: 'products',
    });
    expect(matchKey(RETAIL, 'date=2020-01-05/hour=07/Products.json', 0)).toEqual(SKIP);
    expect(matchKey(RETAIL, 'date=2020-01-05/hour=07/products.json.bz2', 0)).toEqual(SKIP);
  });

  test.each<[string, KeyMatch, string]>([
    ['data/2019-06-01-15-07-3-events.json', REJECT, 'a padded minute where minutes are not padded'],
    ['data/2019-06-01-15-60-3-events.json', REJECT, 'minute 60'],
    ['data/2019-13-01-15-6-3-events.json', REJECT, 'month 13'],
    ['data/2019-02-29-15-6-3-events.json', REJECT, '29 February of a common year'],
    ['data/0019-02-01-15-6-3-events.json', REJECT, 'a year that the calendar of the language shifts'],
    ['data/2019-06-01-15-6-3-events.json\u0085', REJECT, 'a control character beyond ASCII'],
    ['data/x\u2028y', REJECT, 'a line separator'],
    ['data/x\u2066y', REJECT, 'a direction isolate'],
    ['xdata/2019-06-01-15-6-3-events.json', SKIP, 'something before the pattern'],
    ['data/2019-06-01-15-6-3-eventsXjson', SKIP, 'a dot of the pattern is a dot'],
    ['data/٢٠١٩-06-01-15-6-3-events.json', SKIP, 'digits of another script'],
    ['data//', { kind: 'skip', reason: 'marker' }, 'a directory marker'],
  ])('%j: %j (%s)', (key, expected) => {
    expect(matchKey(EVENTS, key, CLOCK)).toEqual(expected);
  });

  test('a field written twice must say the same twice', () => {
    const pattern = parseKeyPattern('{yyyy}/{MM}/{yyyy}{MM}{dd}.json');
    expect(matchKey(pattern, '2020/01/20200102.json', 0)).toEqual({
      kind: 'match',
      at: Date.parse('2020-01-02T00:00:00Z'),
    });
    expect(matchKey(pattern, '2020/01/20200202.json', 0)).toEqual(REJECT);
  });

  test(`gives the verdict of every key in the ${CORPUS_NAME}`, () => {
    const words = { skip: 'skip', reject: 'rej', match: 'ok' } as const;
    const cases = readCases().filter(({ level }) => level === 'key');
    const verdicts = cases.map(({ id, key }) => {
      const match = matchKey(EVENTS, key, CLOCK);
      return [id, match.kind === 'match' ? 'ok' : `${words[match.kind]}:${match.reason}`];
    });
    expect(verdicts).toEqual(cases.map(({ id, expected }) => [id, expected.file]));
    expect(verdicts.length).toBeGreaterThan(0);
  });
});

function readCases(): readonly CorpusCase[] {
  if (existsSync(CASES)) return JSON.parse(readFileSync(CASES, 'utf8')) as CorpusCase[];
  return [{ id: 'own', level: 'key', key: 'data\\2019-06-01-18-17-3-events.json', expected: { file: 'rej:key' } }];
}

interface CorpusCase {
  readonly id: string;
  readonly level: string;
  readonly key: string;
  readonly expected: { readonly file: string };
}

describe('{table}, where the tables are known', () => {
  test('takes a file whose name has dashes where the table has underscores', () => {
    const dashed = parseKeyPattern('{yyyy}/{table}.json', ['erasure_requests']);
    for (const name of ['erasure-requests', 'erasure_requests']) {
      expect(matchKey(dashed, `2020/${name}.json`, 0)).toMatchObject({ kind: 'match', table: 'erasure_requests' });
    }
    expect(matchKey(dashed, '2020/erasure requests.json', 0)).toEqual(SKIP);
    expect(matchKey(parseKeyPattern('{yyyy}/{table}.json'), '2020/erasure-requests.json', 0)).toMatchObject({
      table: 'erasure_requests',
    });
  });

  const KNOWN = parseKeyPattern('date={yyyy}-{MM}-{dd}/{table}{|-late}.json', ['sales', 'sales_returns']);

  test('is the name of one of them', () => {
    const at = Date.parse('2020-01-05T00:00:00Z');
    expect(matchKey(KNOWN, 'date=2020-01-05/sales.json', 0)).toEqual({ kind: 'match', at, table: 'sales' });
    expect(matchKey(KNOWN, 'date=2020-01-05/sales_returns-late.json', 0)).toEqual({
      kind: 'match',
      at,
      table: 'sales_returns',
    });
  });

  test.for(['customers', 'sale', 'sales_', 'sales_returns_', 'SALES', ''])('skips the name %j', (name) => {
    expect(matchKey(KNOWN, `date=2020-01-05/${name}.json`, 0)).toEqual(SKIP);
  });

  test('still rejects a time that there never was', () => {
    expect(matchKey(KNOWN, 'date=2020-02-30/sales.json', 0)).toEqual(REJECT);
    expect(matchKey(KNOWN, 'date=2020-02-30/other.json', 0)).toEqual(SKIP);
  });
});

describe('{any}', () => {
  const EXPORTS = parseKeyPattern('exports/{any}/{eu|us}-{any}.json{|.gz}');

  test('stands for at least one character, and for no slash; a pattern without a time gives none', () => {
    expect(EXPORTS.fields).toEqual([]);
    expect(matchKey(EXPORTS, 'exports/a b+1/eu-2019-06-01.json', 0)).toEqual({ kind: 'match' });
    expect(matchKey(EXPORTS, 'exports/x/us-.json.json.gz', 60)).toEqual({ kind: 'match' });
    expect(matchKey(EXPORTS, 'exports/x/eu-.json', 0)).toEqual(SKIP);
    expect(matchKey(EXPORTS, 'exports/x/y/eu-1.json', 0)).toEqual(SKIP);
    expect(matchKey(EXPORTS, 'exports//eu-1.json', 0)).toEqual(REJECT);
    expect(matchKey(EXPORTS, 'exports/x/eu-1\u202e.json', 0)).toEqual(REJECT);
    expect(matchKey(EXPORTS, 'exports/x/', 0)).toEqual({ kind: 'skip', reason: 'marker' });
    expect(matchKey(parseKeyPattern('exports/{any}/{table}.json'), 'exports/1/cars.json', 0)).toEqual({
      kind: 'match',
      table: 'cars',
    });
    expect(matchKey(parseKeyPattern('all.json'), 'all.json', 0)).toEqual({ kind: 'match' });
  });

  test('stands beside times too, after them or in another folder', () => {
    const pattern = parseKeyPattern('{any}/{yyyy}-{MM}-{dd}-{any}.json');
    const at = Date.parse('2019-06-01T00:00:00Z');
    expect(matchKey(pattern, 'eu/2019-06-01-2020-02-02.json', 0)).toEqual({ kind: 'match', at });
  });

  test('ends the prefix that a listing needs, whatever the window', () => {
    expect(listWholePrefixes(EXPORTS)).toEqual(['exports/']);
    expect(listWholePrefixes(parseKeyPattern('{eu|us}/{any}'))).toEqual(['eu/', 'us/']);
    expect(listWholePrefixes(parseKeyPattern('all.json'))).toEqual(['all.json']);
    expect(listWholePrefixes(EVENTS)).toEqual(['data/']);
  });
});

describe('listPrefixes', () => {
  const hour = (text: string) => ({ start: Date.parse(text), end: Date.parse(text) + HOUR_MS });

  test('one prefix for the hour, by the clock of the names', () => {
    expect(listPrefixes(EVENTS, hour('2019-06-01T18:00:00Z'), CLOCK)).toEqual(['data/2019-06-01-15-']);
    expect(listPrefixes(EVENTS, hour('2020-01-01T02:00:00Z'), CLOCK)).toEqual(['data/2019-12-31-23-']);
  });

  test('two where the clock is half an hour off', () => {
    expect(listPrefixes(EVENTS, hour('2019-06-01T18:00:00Z'), 330)).toEqual([
      'data/2019-06-01-23-',
      'data/2019-06-02-00-',
    ]);
  });

  test('every spelling of the hour', () => {
    expect(listPrefixes(RETAIL, hour('2020-01-05T07:00:00Z'), 0)).toEqual([
      'date=2020-01-05/hour=07/',
      'date=2020-01-05/hour=7/',
    ]);
    expect(listPrefixes(RETAIL, hour('2020-01-05T17:00:00Z'), 0)).toEqual(['date=2020-01-05/hour=17/']);
  });

  test('coarser prefixes for longer windows', () => {
    const range = (start: string, end: string) => ({ start: Date.parse(start), end: Date.parse(end) });
    expect(listPrefixes(EVENTS, range('2019-06-01', '2019-06-02'), 0)).toEqual(['data/2019-06-01-']);
    expect(listPrefixes(EVENTS, range('2019-06-01', '2019-07-01'), 0)).toEqual(['data/2019-06-']);
    expect(listPrefixes(EVENTS, range('1900-01-01', '2019-07-01'), 0)).toEqual(['data/']);
  });

  test('finer ones for shorter windows, none within another', () => {
    const start = Date.parse('2019-06-01T18:17:05Z');
    expect(listPrefixes(EVENTS, { start, end: start + 2_000 }, 0)).toEqual([
      'data/2019-06-01-18-17-5-events.json',
      'data/2019-06-01-18-17-6-events.json',
    ]);
    const open = parseKeyPattern('{yyyy}-{MM}-{dd}-{HH}-{m}-{s}{|.gz}');
    expect(listPrefixes(open, { start: start - 4_000, end: start + 6_000 }, 0)).toEqual(
      ['1', '2', '3', '4', '5', '6', '7', '8', '9'].map((second) => `2019-06-01-18-17-${second}`),
    );
  });

  test('a table before the time ends the prefix', () => {
    expect(listPrefixes(parseKeyPattern('in/{table}/{yyyy}.json'), hour('2020-01-05T07:00:00Z'), 0)).toEqual(['in/']);
  });

  test('every key of a window stands under exactly one of its prefixes, whatever clock and length', () => {
    const instants = fc
      .integer({ min: Date.UTC(1990, 0), max: Date.UTC(2090, 0) })
      .map((at) => Math.floor(at / 1_000) * 1_000);
    const lengths = fc.constantFrom(1_000, 10_000, 60_000, 900_000, HOUR_MS, 24 * HOUR_MS, 31 * 24 * HOUR_MS);
    fc.assert(
      fc.property(instants, lengths, fc.integer({ min: -840, max: 840 }), fc.nat(), (at, length, clock, salt) => {
        const start = Math.floor(at / length) * length;
        const inside = start + (salt % (length / 1_000)) * 1_000;
        const local = new Date(inside + clock * 60_000);
        const day = local.toISOString().slice(0, 13).replace('T', '-');
        const key = `data/${day}-${local.getUTCMinutes()}-${local.getUTCSeconds()}-events.json`;
        const prefixes = listPrefixes(EVENTS, { start, end: start + length }, clock);
        expect(prefixes.filter((prefix) => key.startsWith(prefix))).toHaveLength(1);
        expect(prefixes.length).toBeLessThanOrEqual(MAX_PREFIXES);
        expect(matchKey(EVENTS, key, clock)).toEqual({ kind: 'match', at: inside });
      }),
    );
  });
});

describe('parseKeyPattern', () => {
  test.each([
    [
      'data/{yyyy}/{hh}',
      'Key pattern "data/{yyyy}/{hh}" has "{hh}", which is no placeholder. There are {yyyy} {MM} {dd} {HH} {H} {mm} {m} {ss} {s} {table} {any}, and {a|b|} for texts.',
    ],
    ['data/{yyyy}/{}', 'has "{}", which is no placeholder'],
    ['data/{yyyy}/{H|mm}', 'has "{H|mm}", which is no placeholder'],
    ['data/{yyyy}/{table|x}', 'has "{table|x}", which is no placeholder'],
    ['data/{yyyy', 'has a "{" without its partner'],
    ['data/yyyy}', 'has a "}" without its partner'],
    ['data/{MM}', 'names no year'],
    ['data/{yyyy}-{dd}', 'names no month'],
    ['data/{yyyy}{MM}{dd}{H}{m}', 'digits straight after an unpadded'],
    ['data/{yyyy}{MM}{dd}{H}{|x}1', 'digits straight after an unpadded'],
    ['data/{yyyy}/{any|x}', 'has "{any|x}", which is no placeholder'],
    ['data/{yyyy}{MM}{dd}{H}{any}', 'digits straight after an unpadded'],
    ['data/{any}-{yyyy}', 'has {any} beside another placeholder'],
    ['data/{any}-{any}', 'has {any} beside another placeholder'],
    ['data/{any}{/x|}{yyyy}', 'has {any} beside another placeholder'],
    ['data/{yyyy}/{table}{any}', 'has {any} beside another placeholder'],
    ['/data/{yyyy}', 'begins with "/"'],
    ['data//{yyyy}', 'holds "//"'],
    ['data\\{yyyy}', 'begins with "/" or holds "//", "\\"'],
  ])('refuses %j', (text, message) => {
    expect(() => parseKeyPattern(text)).toThrow(KeyPatternError);
    expect(() => parseKeyPattern(text)).toThrow(message);
  });
});
