import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { documentOf, expectRefusal, hourloom, NOBODY } from './hourloom.ts';

const NAME = '2019-06-01-15-17-3-events.json';
const VEHICLE = 'bac5188f-67c6-4965-81dc-4ef49622e280';
const LINES = [
  `{"on":"vehicle","event":"register","at":"2019-06-01T18:17:03.087Z","organization_id":"org-id","data":{"id":"${VEHICLE}"}}`,
  `{"on":"vehicle","event":"register","at":"2019-06-01T18:17:03.087Z","organization_id":"org-id","data":{"id":"${VEHICLE}"}}`,
  `{"on":"vehicle","event":"landed","at":"2019-06-01T18:17:05.000Z","organization_id":"org-id","data":{"id":"${VEHICLE}"}}`,
];
const ROW = {
  event_generated_id: '15d26941-f269-0e7d-7a3a-3c395cafe9d4',
  vehicle_id: VEHICLE,
  event_timestamp: '2019-06-01T18:17:03.087Z',
  event_operation: 'register',
  organization_id: 'org-id',
  vehicle_latitude: null,
  vehicle_longitude: null,
  vehicle_location_timestamp: null,
};

/** No server answers here: a try needs none. */
const NO_SERVERS = { DATABASE_URL: `postgres://${NOBODY}/none`, TEMPORAL_ADDRESS: NOBODY };

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hourloom-try-'));
  await mkdir(join(folder, 'data'));
  await writeFile(join(folder, 'data', NAME), LINES.join('\n'));
  await writeFile(join(folder, NAME), gzipSync(LINES.join('\n')));
  await writeFile(join(folder, 'other.json'), `${LINES[0]}\n`);
  await writeFile(join(folder, '2019-06-01-24-0-0-events.json'), '');
  await writeFile(join(folder, 'broken.json'), gzipSync(LINES.join('\n')).subarray(0, 40));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('shows rows, quarantine and counts of a local file, whose name says to which hour it belongs', async () => {
  const path = join(folder, 'data', NAME);
  const answer = await hourloom(['try', 'door2door', path, '--json'], NO_SERVERS);
  expect(answer).toMatchObject({ code: 0, stderr: '' });
  const key = `data/${NAME}`;
  const nothing = { lines: 0, good: 0, duplicate: 0, quarantined: 0 };
  expect(documentOf(answer)).toEqual({
    pipeline: 'door2door',
    files: [{ path, key, partition: '2019-06-01T18', note: null }],
    counts: { lines: 3, good: 1, duplicate: 1, quarantined: 1 },
    tables: {
      vehicle_location: {
        counts: { lines: 3, good: 1, duplicate: 1, quarantined: 1 },
        rows: [{ ...ROW, original_s3_file_path: key }],
      },
      operating_periods: { counts: nothing, rows: [] },
    },
    quarantine: [
      {
        asset: 'door2door/vehicle_location',
        sourceKey: key,
        line: 3,
        reason: 'schema',
        detail: 'event: expected ("register" | "update" | "deregister"), received "landed"',
        excerpt: LINES[2],
      },
    ],
    reasons: { schema: 1 },
    newFields: [],
    nulled: [],
  });
});

test('counts the fields that no contract names', async () => {
  const path = join(folder, 'more.json');
  const record = JSON.parse(LINES[0]!) as { data: object };
  await writeFile(path, JSON.stringify({ ...record, colour: 'red', data: { ...record.data, seats: { front: 2 } } }));
  const answer = await hourloom(['try', 'door2door', path], NO_SERVERS);
  expect(answer).toMatchObject({ code: 0, stderr: '' });
  const [, fields] = answer.stdout.split('new field ');
  expect(fields?.split('\n').map((line) => line.trim().split(/ +/u))).toEqual([
    ['records'],
    ['vehicle_location.colour', '1'],
    ['vehicle_location.data.seats', '1'],
    [''],
  ]);
});

test('unpacks gzip by its content, and a file outside its folder stands for one inside', async () => {
  const answer = await hourloom(['try', 'door2door', join(folder, NAME), '--rows', '0', '--json'], NO_SERVERS);
  expect(documentOf(answer)).toMatchObject({
    files: [{ key: `data/${NAME}`, partition: '2019-06-01T18', note: null }],
    counts: { lines: 3, good: 1, duplicate: 1, quarantined: 1 },
    tables: { vehicle_location: { rows: [] } },
  });
});

test('says of files whose names do not fit what the source would do with them, and runs them all the same', async () => {
  const paths = ['other.json', '2019-06-01-24-0-0-events.json', 'broken.json'].map((name) => join(folder, name));
  const answer = await hourloom(['try', 'door2door', ...paths], NO_SERVERS);
  expect(answer).toMatchObject({ code: 0, stderr: '' });
  const pattern = 'data/{yyyy}-{MM}-{dd}-{HH}-{m}-{s}-events.json';
  for (const said of [
    `Its name is not one of ${pattern}: in the source it would be skipped.`,
    `Its name cannot be right for ${pattern}: in the source it would be rejected.`,
    'door2door: 1 lines: 1 good, 0 duplicate, 0 quarantined. Nothing was written.',
    'vehicle_location: 1 rows\n',
    'operating_periods: 0 rows\n',
    'quarantine: 1\n',
    'broken.json     0  gzip    the file could not be used',
  ]) {
    expect(answer.stdout).toContain(said);
  }
});

test('refuses a file that is not there, a pipeline that is not declared, and a count that is none', async () => {
  const there = join(folder, NAME);
  expectRefusal(await hourloom(['try', 'door2door', '/no/where'], {}), 2, 'There is no file /no/where.');
  expectRefusal(await hourloom(['try', 'trips', there], {}), 2, 'There is no pipeline "trips". There is: door2door.');
  expectRefusal(
    await hourloom(['try', 'door2door', there, '--rows', 'all'], {}),
    2,
    '--rows is a whole number from 0 to 100000, not "all".',
  );
});
