import * as v from 'valibot';
import { expect, test } from 'vitest';
import { ConfigurationError } from '../../config/errors.ts';
import { placeSources } from '../../config/place-sources.ts';
import { readConfig } from '../../config/read-config.ts';
import { hourly, httpFiles, key, pipeline, s3Files, table } from '../../define/index.ts';
import { collectDefinitions } from '../../define/definitions.ts';

const tables = { rows: table(v.object({ id: v.string() }), ({ id }) => ({ id: key(id) })) };
const window = hourly('2026-01-01T00');
const definitions = collectDefinitions('here', {
  reports: pipeline('weather_reports', { source: httpFiles('/{yyyy}{MM}{dd}{HH}.csv'), window, tables }),
  files: pipeline('files', { source: s3Files('s3://bucket/{yyyy}{MM}{dd}{HH}-{any}.csv'), window, tables }),
  months: pipeline('months', { source: s3Files('s3://bucket/{yyyy}{MM}{dd}{HH}.csv'), window, tables }),
});

function place(environment: Readonly<Record<string, string>>) {
  return placeSources(definitions, readConfig(environment).sources);
}

test('configuration says where the documents of a pipeline are, by its name', () => {
  const { pipelines } = place({ HOURLOOM_SOURCE_WEATHER_REPORTS: 'http://127.0.0.1:8080/reports/' });
  const [reports] = pipelines.values();
  expect(reports?.spec.source).toMatchObject({ kind: 'http', base: 'http://127.0.0.1:8080/reports' });
  const [declared] = definitions.pipelines.values();
  expect(reports?.spec.events).toEqual(declared?.spec.events);
});

test('without it definitions stay as they are', () => {
  expect(place({ HOURLOOM_SOURCE_WEATHER_REPORTS: ' ' })).toBe(definitions);
});

test('a pipeline of a bucket whose names can be written out is given its files behind addresses', () => {
  const { pipelines } = place({ HOURLOOM_SOURCE_MONTHS: 'http://127.0.0.1:8080' });
  expect([...pipelines.values()].map(({ spec }) => spec.source).at(-1)).toEqual({
    kind: 'http',
    pattern: '/{yyyy}{MM}{dd}{HH}.csv',
    base: 'http://127.0.0.1:8080',
    clockOffsetMinutes: 0,
  });
});

test.each(['NOBODY', 'FILES'])('a variable about %s, of whose files no address can be written, is refused', (name) => {
  expect(() => place({ [`HOURLOOM_SOURCE_${name}`]: 'http://a' })).toThrow(
    new ConfigurationError(
      `Bad environment: HOURLOOM_SOURCE_${name} names no pipeline whose files could be found behind addresses: one with httpFiles(), or with s3Files() whose names tell all. Correct the name, or unset it.`,
    ),
  );
});

test('what is no base is refused without being shown', () => {
  expect(() => place({ HOURLOOM_SOURCE_WEATHER_REPORTS: 'http://user:hidden@a' })).toThrow(
    new ConfigurationError(
      'Bad environment: HOURLOOM_SOURCE_WEATHER_REPORTS is no base. Write it as https://example.org/folder, without query, user or password.',
    ),
  );
});
