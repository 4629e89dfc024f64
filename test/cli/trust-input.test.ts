import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createDatabase } from '../support/services.ts';
import { documentOf, expectRefusal, hourloom } from './hourloom.ts';

/** Nothing here starts a machine, so this folder is never made. */
const FOLDER = join(tmpdir(), 'hourloom-never-made');

const PLACES = 'door2door, door2door/events, door2door/operating_periods, door2door/vehicle_location';

describe('what cannot be meant is refused before anything is started', () => {
  test.each([
    [['quarantine', 'list', 'rental'], `There is no pipeline or asset "rental". There is: ${PLACES}.`],
    [
      ['quarantine', 'list', 'door2door/distance_per_period'],
      'door2door/distance_per_period is computed from other assets: it holds nothing back. Name the pipeline that it reads.',
    ],
    [['quarantine', 'list', '--limit', 'many'], '--limit "many" is no number of records. Write one from 1 to 10000.'],
    [
      ['quarantine', 'list', '--from', '2020-01-02', '--to', '2020-01-01'],
      'The range is reversed: --from 2020-01-02 comes after --to 2020-01-01. Exchange them.',
    ],
    [
      ['quarantine', 'show', 'door2door', '2019-06-01T17'],
      'door2door/events begins at 2019-06-01T18; there is no window "2019-06-01T17" before it.',
    ],
    [
      ['quarantine', 'replay', 'door2door', '--width', '0'],
      '"0" is no width. Write how many windows may run at once, from 1 to 200.',
    ],
    [
      ['quarantine', 'replay', 'door2door', '--from', '2020-01-02', '--to', '2020-01-01'],
      'The range is reversed: --from 2020-01-02T00 comes after --to 2020-01-01T00. Exchange them.',
    ],
    [
      ['schema', 'print', '--dialect', 'oracle'],
      '--dialect "oracle" is not known. There is: postgres, athena, redshift, duckdb.',
    ],
    [
      ['schema', 'print', 'door2door/vehicle_location_update', '--dialect', 'athena'],
      'None of these is Parquet in the lake. Choose others, or write parquet: true in their pipeline.',
    ],
    [
      ['schema', 'diff', 'door2door/nope'],
      'There is no asset "door2door/nope". Assets are: door2door/distance_per_period, door2door/events, door2door/operating_periods, door2door/vehicle_location, door2door/vehicle_location_update.',
    ],
  ])('%j', async (args, sentence) => {
    expectRefusal(await hourloom(args, { HOURLOOM_FOLDER: FOLDER }), 2, sentence);
  });
});

test('schema print needs no server', async () => {
  const answer = await hourloom(['schema', 'print', 'door2door/vehicle_location', '--json'], {
    HOURLOOM_FOLDER: FOLDER,
  });
  expect(documentOf(answer)).toMatchObject({
    dialect: 'postgres',
    tables: ['door2door/vehicle_location'],
    script: expect.stringMatching(
      /^create schema if not exists door2door;\n\ncreate table if not exists door2door\.vehicle_location \(/u,
    ) as string,
  });
});

test('schema print says it to readers of the lake, each in its words', async () => {
  const env = { HOURLOOM_FOLDER: FOLDER, HOURLOOM_LAKE_BUCKET: 'a-lake' };
  for (const dialect of ['athena', 'redshift', 'duckdb']) {
    const answer = await hourloom(['schema', 'print', 'group:door2door', '--dialect', dialect, '--json'], env);
    expect(documentOf(answer)).toMatchObject({
      dialect,
      tables: ['door2door/operating_periods', 'door2door/vehicle_location'],
      script: expect.stringContaining('s3://a-lake/tables/door2door/vehicle_location/') as string,
    });
  }
});

test('plan and schema diff before the very first deploy say that all is new', async () => {
  const environment = { HOURLOOM_FOLDER: FOLDER, DATABASE_URL: await createDatabase() };
  const planned = await hourloom(['plan'], environment);
  expect({ code: planned.code, stderr: planned.stderr }).toEqual({ code: 0, stderr: '' });
  expect(planned.stdout).toMatch(/^door2door\/vehicle_location +is new +none$/mu);
  const { code, stdout } = await hourloom(['schema', 'diff'], environment);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^door2door\.vehicle_location +is new +created when a worker starts$/mu);
});
