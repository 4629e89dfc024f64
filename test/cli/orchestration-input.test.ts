import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { createDatabase } from '../support/services.ts';
import { documentOf, expectRefusal, hourloom } from './hourloom.ts';
import type { Answer } from './hourloom.ts';

/** Nothing here starts a machine, so this folder is never made. */
const FOLDER = join(tmpdir(), 'hourloom-never-made');

function ask(...args: readonly string[]): Promise<Answer> {
  return hourloom(args, { HOURLOOM_FOLDER: FOLDER });
}

describe('what cannot be meant is refused before anything is started', () => {
  const plan = (...args: readonly string[]) => ['backfill', 'plan', 'door2door', ...args];
  const start = (...args: readonly string[]) => ['backfill', 'start', 'door2door', ...args];

  test.each([
    [
      plan('--from', '2020-01-02', '--to', '2020-01-01'),
      'The range is reversed: --from 2020-01-02T00 comes after --to 2020-01-01T00. Exchange them.',
    ],
    [
      plan('--from', '2020-01-01', '--to', '2020-01-01T00'),
      'The range is empty: it stops before --to, which is where it begins. For this one window write --to 2020-01-01T01.',
    ],
    [
      plan('--from', '2019-06-01T17'),
      'door2door begins at 2019-06-01T18; there is nothing before it. Write a later --from, or leave it out.',
    ],
    [
      plan('--from', 'yesterday'),
      '--from "yesterday" is not the start of a window of door2door. Write it in UTC, like its first one: 2019-06-01T18.',
    ],
    [
      plan('--to', '2020-01-01T00:30'),
      '--to "2020-01-01T00:30" is not the start of a window of door2door. Write it in UTC, like its first one: 2019-06-01T18.',
    ],
    [plan('--only', 'new'), '--only "new" chooses nothing. There is: missing, failed, stale, quarantined, all.'],
    [plan('--order', 'random'), '--order "random" is no order. There is: oldest, newest.'],
    [
      ['backfill', 'plan', 'rental'],
      'There is no pipeline or asset "rental". There is: door2door, door2door/distance_per_period, door2door/events, door2door/operating_periods, door2door/vehicle_location, door2door/vehicle_location_update.',
    ],
    [
      ['backfill', 'start', 'door2door/distance_per_period', '--from', '2019-06-01'],
      'door2door/distance_per_period has no partitions: it is one whole. Leave --from and --to out.',
    ],
    [
      ['backfill', 'plan', 'door2door/vehicle_location_update', '--from', '2019-07', '--to', '2019-06-02'],
      'The range is reversed: --from 2019-07-01 comes after --to 2019-06-02. Exchange them.',
    ],
    [
      ['backfill', 'plan', 'door2door/vehicle_location_update', '--from', '2019-06-02', '--to', '2019-06-02'],
      'The range is empty: it stops before --to, which is where it begins. For this one window write --to 2019-06-03.',
    ],
    [start('--width', '0'), '"0" is no width. Write how many windows may run at once, from 1 to 200.'],
    [start('--id', 'a/b'), '--id "a/b" is no id: write 1 to 100 letters, digits, ".", "_" and "-".'],
    [
      ['backfill', 'width', 'some', 'wide'],
      '"wide" is no width. Write how many windows may run at once, from 1 to 200.',
    ],
    [
      ['status', 'door2door/nope'],
      'There is no asset "door2door/nope". Assets are: door2door/distance_per_period, door2door/events, door2door/operating_periods, door2door/vehicle_location, door2door/vehicle_location_update.',
    ],
    [
      ['status', 'group:door2door', '--from', '2020-02', '--to', '2020-01'],
      'The range is reversed: --from 2020-02 comes after --to 2020-01. Exchange them.',
    ],
    [['status', '--from', 'soon'], '--from "soon" is no time. Write it in UTC: 2020-01-01T00, 2020-01-01 or 2020-01.'],
    [['why', 'door2door/events'], 'Say which window of door2door/events, in UTC, like its first one: 2019-06-01T18.'],
    [
      ['why', 'door2door/distance_per_period', '2020-01'],
      'door2door/distance_per_period has no partitions: it is one whole. Leave "2020-01" out.',
    ],
    [['graph', '--format', 'svg'], '--format "svg" is no format. There is: text, json.'],
    [['graph', 'state:stale'], 'A graph has no states. Ask `hourloom status` for them, or leave state: out.'],
    [
      ['wipe', 'door2door/events', '--from', '2020-01'],
      'Say which windows of door2door/events: --from, and --to for the one to stop before.',
    ],
    [['schedule', 'pause', 'rental'], 'There is no pipeline "rental". There is: door2door.'],
    [['runs', 'list', '--state', 'lost'], '--state "lost" is no state. There is: open, failed, all.'],
    [['runs', 'list', '--lines', '0'], '-n "0" is no number of lines. Write one from 1 to 1000.'],
  ])('%j', async (args, sentence) => {
    expectRefusal(await ask(...args), 2, sentence);
  });

  test('a range in the future', async () => {
    const { code, stdout, stderr } = await ask(...plan('--from', '2100-01-01', '--to', '2100-02-01'));
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(
      /^The range is in the future: no window from 2100-01-01T00 on is over and settled yet\. The newest one that is over and settled: \d{4}-\d{2}-\d{2}T\d{2}\.\n$/u,
    );
  });
});

test('a range of a derived asset in the future', async () => {
  const { code, stdout, stderr } = await ask(
    'backfill',
    'plan',
    'door2door/vehicle_location_update',
    '--from',
    '2100-01',
  );
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(
    /^The range is in the future: no window from 2100-01-01 on has begun yet\. The newest one that has begun: \d{4}-\d{2}-\d{2}\.\n$/u,
  );
});

test('graph shows what is made of what, indented by wave', async () => {
  const { code, stdout, stderr } = await ask('graph');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout.split('\n').map((line) => line.replaceAll(/ {2,}(?=\S)(?<=\S.*)/gu, ' | '))).toEqual([
    'asset | window | made of',
    'door2door/events | hour | s3://door2door-events/data/{yyyy}-{MM}-{dd}-{HH}-{m}-{s}-events.json',
    '  door2door/operating_periods | hour | door2door/events (the same window)',
    '  door2door/vehicle_location | hour | door2door/events (the same window)',
    '    door2door/distance_per_period | whole | door2door/operating_periods (all windows), door2door/vehicle_location (all windows)',
    '    door2door/vehicle_location_update | day | door2door/vehicle_location (all windows within)',
    '',
  ]);
  const document = documentOf(await ask('graph', '--json'));
  expect(JSON.parse((await ask('graph', '--format', 'json')).stdout)).toEqual(document);
  expect(documentOf(await ask('graph', 'door2door/operating_periods+', '--json'))).toMatchObject({
    waves: [[], ['door2door/operating_periods'], ['door2door/distance_per_period']],
  });
});

describe('a range of more than 100,000 windows', () => {
  const assets = fileURLToPath(new URL('minutes.mjs', import.meta.url));
  const year = ['backfill', 'start', 'minutes', '--from', '2020-01', '--to', '2021-01'];

  test('is asked for with --yes only', async () => {
    expectRefusal(
      await hourloom(year, { HOURLOOM_FOLDER: FOLDER, HOURLOOM_ASSETS: assets }),
      2,
      'The range has 527040 windows, more than 100000. Write --yes if that is meant, or narrow it by --from and --to.',
    );
  });

  test('is planned without asking, in one row', async () => {
    const databaseUrl = await createDatabase();
    const env = { HOURLOOM_FOLDER: FOLDER, HOURLOOM_ASSETS: assets, DATABASE_URL: databaseUrl };
    await hourloom(['migrate', 'up'], env);
    expect(documentOf(await hourloom([...year, '--dry-run', '--json'], env))).toMatchObject({
      total: 527_040,
      windows: [{ from: '2020-01-01T00:00', to: '2021-01-01T00:00', count: 527_040, reason: 'missing' }],
    });
  });
});
