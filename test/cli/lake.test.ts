import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sampleVehicles } from '../../assets/door2door/sample.ts';
import { door2door } from '../../assets/index.ts';
import { openStack } from '../hour/open-stack.ts';
import type { Stack } from '../hour/open-stack.ts';
import { services } from '../support/services.ts';
import { documentOf, expectRefusal, hourloom } from './hourloom.ts';
import type { Environment } from './hourloom.ts';

/** No other test file makes them: they share one Temporal. */
const HOURS = [Date.parse('2019-07-03T18:00:00Z'), Date.parse('2019-07-03T19:00:00Z')];

let stack: Stack;
let folder: string;
let env: Environment;
beforeAll(async () => {
  stack = await openStack(door2door);
  for (const start of HOURS) {
    await stack.feed(sampleVehicles({ start, end: start + 3_600_000 }));
    await stack.run(start);
  }
  folder = await mkdtemp(join(tmpdir(), 'hourloom-lake-'));
  const { s3, temporalAddress } = services();
  env = {
    HOURLOOM_FOLDER: join(folder, '.hourloom'),
    HOURLOOM_LAKE_BUCKET: stack.lakeBucket,
    DATABASE_URL: stack.databaseUrl,
    TEMPORAL_ADDRESS: temporalAddress,
    AWS_ENDPOINT_URL_S3: s3.endpoint,
    AWS_ACCESS_KEY_ID: s3.accessKeyId,
    AWS_SECRET_ACCESS_KEY: s3.secretAccessKey,
  };
});
afterAll(async () => {
  await stack.close();
  await rm(folder, { recursive: true, force: true });
});

describe('query --lake', () => {
  const BY_HOUR = `
    select hour, event_operation, count(*)::integer as events, count(vehicle_latitude)::integer as located
    from door2door.vehicle_location
    group by all
    order by all
  `;

  test('gives what the warehouse gives, by the hour that the folders tell', async () => {
    const there = await stack.warehouse.sql`
      select
        extract(hour from event_timestamp at time zone 'UTC')::integer as hour,
        event_operation,
        count(*)::integer as events,
        count(vehicle_latitude)::integer as located
      from door2door.vehicle_location
      group by 1, 2
      order by 1, 2
    `;
    expect(await ask(BY_HOUR)).toEqual({
      columns: ['hour', 'event_operation', 'events', 'located'],
      rows: [...there],
      truncated: false,
    });
    expect(new Set(there.map(({ hour }) => hour as number))).toEqual(new Set([18, 19]));
  });

  test('reads only the windows that were asked for', async () => {
    const hours = 'select distinct hour from door2door.vehicle_location order by 1';
    expect((await ask(hours, '--from', '2019-07-03T19')).rows).toEqual([{ hour: 19 }]);
    expect((await ask(hours, '--to', '2019-07-03T19')).rows).toEqual([{ hour: 18 }]);
    expect((await ask(hours, '--from', '2019-07-04')).rows).toEqual([]);
  });

  test('does not see what a window was before it was made again', async () => {
    const count = 'select count(*)::integer as events from door2door.vehicle_location';
    const before = await ask(count);
    await stack.run(HOURS[0]!, { force: true });
    expect(await ask(count)).toEqual(before);
  });

  test('shows a thousand rows and says that there are more', async () => {
    const answer = await hourloom(['query', '--lake', 'from door2door.vehicle_location', '--json'], env);
    expect({ code: answer.code, stderr: answer.stderr }).toEqual({
      code: 0,
      stderr: 'Only the first 1000 rows are shown. Add a limit or a condition.\n',
    });
    const { rows, truncated } = documentOf(answer) as { rows: unknown[]; truncated: boolean };
    expect({ rows: rows.length, truncated }).toEqual({ rows: 1_000, truncated: true });
  });

  test.each([
    [
      "copy (select 1) to '/tmp/hourloom-written'",
      'DuckDB refused the statement: Permission Error: Cannot access file "/tmp/hourloom-written" - file system operations are disabled by configuration',
    ],
    ['select 1; select 2', 'Only one statement that reads can be asked: begin it with select, with, from or explain.'],
    [
      'create table here (id integer)',
      'Only one statement that reads can be asked: begin it with select, with, from or explain.',
    ],
    [
      'set enable_external_access = true',
      'Only one statement that reads can be asked: begin it with select, with, from or explain.',
    ],
    [
      "select * from read_text('/etc/hostname')",
      'DuckDB refused the statement: Permission Error: Cannot access file "/etc/hostname" - file system operations are disabled by configuration',
    ],
    [
      'select * from door2door.nothing',
      'DuckDB refused the statement: Catalog Error: Table with name "door2door.nothing" does not exist because schema "door2door" does not exist.',
    ],
  ])('%s is refused', async (text, sentence) => {
    expectRefusal(await hourloom(['query', '--lake', text], env), 2, sentence);
  });

  test('--from without --lake is refused', async () => {
    expectRefusal(
      await hourloom(['query', 'select 1', '--from', '2019-06-01'], env),
      2,
      '--from and --to choose files of the lake: write --lake too, or a condition in the statement.',
    );
  });
});

test('gc finds nothing while everything is young, and deletes nothing', async () => {
  const answer = await hourloom(['gc', '--json'], env);
  expect({ code: answer.code, stderr: answer.stderr }).toEqual({ code: 0, stderr: '' });
  const folders = [
    'raw/door2door/',
    'staged/door2door/',
    'tables/door2door/vehicle_location/',
    'tables/door2door/operating_periods/',
  ];
  expect(documentOf(answer)).toEqual({
    deleted: false,
    objects: 0,
    bytes: 0,
    uploads: 0,
    folders: folders.map((prefix) => ({ prefix, objects: 0, bytes: 0, uploads: 0 })),
  });
});

async function ask(text: string, ...options: string[]): Promise<{ rows: unknown[] }> {
  const answer = await hourloom(['query', '--lake', text, ...options, '--json'], env);
  expect({ code: answer.code, stderr: answer.stderr }).toEqual({ code: 0, stderr: '' });
  return documentOf(answer) as { rows: unknown[] };
}
