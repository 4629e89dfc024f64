import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { collectDefinitions } from '../../define/definitions.ts';
import {
  asset,
  daily,
  DefinitionError,
  derived,
  findPipeline,
  giveUp,
  hourly,
  key,
  sql,
  table,
  timestamp,
  window,
} from '../../define/index.ts';
import type { Row } from '../../define/index.ts';

const Observation = v.object({ station: v.string(), at: timestamp(), celsius: v.number() });
const observations = table(Observation, ({ station, at, celsius }) => ({
  station: key(station),
  at: key(at),
  celsius,
}));
async function* make() {}
const options = { window: hourly('2026-01-01T00'), version: 1, table: observations, make };
const limit = { pool: 'weather.example', perSecond: 5 };

/** A definition in plain JavaScript, where no compiler says no. */
function define(changed: object, name = 'weather/observations') {
  const definition = findPipeline(asset(name, { ...options, ...changed }));
  if (!definition) throw new Error('this is no pipeline');
  return definition;
}

describe('an asset of any code', () => {
  test('is a pipeline of one table whose source is the function', () => {
    const { spec, make: fill, contracts } = define({ limit, promise: '20 minutes', timeout: '90 seconds' });
    expect(spec).toMatchObject({
      name: 'weather',
      source: { kind: 'code', version: 1, limit, timeoutMs: 90_000 },
      settleMs: 300_000,
      promiseMs: 1_200_000,
      events: { asset: 'weather/events' },
      tables: [{ asset: 'weather/observations', schema: 'weather', key: ['station', 'at'] }],
    });
    expect(fill).toBe(make);
    expect(contracts).toEqual({ observations: Observation });
    expect(define({}).spec.source).toMatchObject({ limit: undefined, timeoutMs: 600_000 });
  });

  test('is read by statements like any table, and its rows are typed', () => {
    const weather = asset('weather/observations', options);
    const row: Pick<Row<typeof weather>, 'station' | 'celsius'> = { station: 'a', celsius: 1 };
    expect(row.celsius).toBe(1);
    const daysOf = derived('weather/days', {
      window: daily(),
      key: ['station'],
      row: v.object({ station: v.string(), celsius: v.nullable(v.number()) }),
      sql: sql`select station, max(celsius) as celsius from ${weather} where at <@ ${window} group by station`,
    });
    const { derived: found, pipelines } = collectDefinitions('here', { weather, daysOf });
    expect([...pipelines.keys(), ...found.keys()]).toEqual(['weather', 'weather/days']);
  });

  test('is stale as a whole with another version, and not with another limit', () => {
    const versions = ({ spec }: ReturnType<typeof define>) => [spec.events.codeVersion, spec.tables[0]?.codeVersion];
    const [events, rows] = versions(define({}));
    expect(versions(define({ limit, timeout: '1 minute', promise: '1 hour' }))).toEqual([events, rows]);
    const raised = versions(define({ version: 2 }));
    expect(raised[0]).not.toBe(events);
    expect(raised[1]).not.toBe(rows);
  });

  const wrong: readonly [string, object, string][] = [
    ['no version', { version: undefined }, "asset 'weather/observations': its function has no `version`."],
    ['a version that is none', { version: 1.5 }, 'its function has no `version`.'],
    ['no function', { make: undefined }, 'its `make` is no function. Write it as async *make({ window }) { … }.'],
    ['a pool without a name', { limit: { pool: ' ', perSecond: 1 } }, 'its limit names no pool.'],
    [
      'a limit that is none',
      { limit: { ...limit, perSecond: 0 } },
      'its limit is 0 per second. Write a number up to 10000.',
    ],
    ['a timeout that is too long', { timeout: '1 hour' }, "its timeout is '1 hour'. Write one of up to '50 minutes'"],
    ['a timeout that is none', { timeout: 'long' }, '"long" is no duration.'],
    ['a window without a first one', { window: hourly() }, 'its window says no first one.'],
  ];
  test.each(wrong)('is refused with %s', (_, changed, problem) => {
    expect(() => define(changed)).toThrow(DefinitionError);
    expect(() => define(changed)).toThrow(problem);
  });

  test.each(['weather', 'weather/a/b', '/a', 'Weather/a', 'weather/events'])('is refused as %s', (name) => {
    expect(() => define({}, name)).toThrow(DefinitionError);
  });
});

test('two definitions that share a pool agree on its limit', () => {
  const one = asset('one/a', { ...options, limit });
  const same = asset('two/a', { ...options, limit });
  const other = asset('three/a', { ...options, limit: { ...limit, perSecond: 6 } });
  expect(collectDefinitions('here', { one, same }).pipelines.size).toBe(2);
  expect(() => collectDefinitions('here', { one, same, other })).toThrow(
    'here: "two" limits the pool "weather.example" to 5 per second, "three" to 6. Write one limit in both.',
  );
});

test('two assets of one pipeline’s name are refused', () => {
  const one = asset('weather/a', options);
  const two = asset('weather/b', options);
  expect(() => collectDefinitions('here', { one, two })).toThrow('two pipelines are called "weather"');
});

test('giveUp ends a function with its reason', () => {
  expect(() => giveUp('the account is closed')).toThrow('the account is closed');
});
