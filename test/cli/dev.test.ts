import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openStack } from '../hour/open-stack.ts';
import type { Stack } from '../hour/open-stack.ts';
import { makeReadings, makeTelemetry } from '../hour/telemetry.ts';
import { services } from '../support/services.ts';
import { waitFor } from '../support/wait-for.ts';
import { documentOf, hourloom, start } from './hourloom.ts';
import type { Environment } from './hourloom.ts';

const HOUR = Date.parse('2026-02-01T00:00:00Z');
const DEFINE = join(import.meta.dirname, '../../dist/define/index.js');

let stack: Stack;
let folder: string;
let file: string;
let env: Environment;

beforeAll(async () => {
  stack = await openStack(makeTelemetry('in_dev'));
  await stack.feed(makeReadings(HOUR, { files: 1, lines: 5 }));
  await stack.run(HOUR);
  folder = await mkdtemp(join(tmpdir(), 'hourloom-dev-'));
  file = join(folder, 'index.mjs');
  const { s3, temporalAddress } = services();
  env = {
    DATABASE_URL: stack.databaseUrl,
    TEMPORAL_ADDRESS: temporalAddress,
    AWS_ENDPOINT_URL_S3: s3.endpoint,
    AWS_REGION: s3.region,
    AWS_ACCESS_KEY_ID: s3.accessKeyId,
    AWS_SECRET_ACCESS_KEY: s3.secretAccessKey,
    HOURLOOM_LAKE_BUCKET: stack.lakeBucket,
    HOURLOOM_ASSETS: file,
  };
});
afterAll(async () => {
  await stack.close();
  await rm(folder, { recursive: true, force: true });
});

/** Writes the definition of before, with another contract of a value and another source column. */
async function define(value: string, source: string, more = ''): Promise<void> {
  await writeFile(
    file,
    `import * as v from '${import.meta.resolve('valibot')}';
     import { hashedUuid, hourly, key, pipeline, s3Files, table, timestamp } from '${DEFINE}';
     const Reading = v.object({ on: v.literal('reading'), at: timestamp(), id: v.string(), value: ${value} });
     const Alarm = v.object({ on: v.literal('alarm'), at: timestamp(), id: v.string(), text: v.string() });
     export const inDev = pipeline('in_dev', {
       source: s3Files('s3://in-dev/in/{yyyy}-{MM}-{dd}-{HH}-{m}.json'),
       window: hourly('2026-01-01T00'),
       splitBy: 'on',
       tables: {
         readings: table(Reading, ({ id, at, value, on }, line) => ({
           reading_id: key(hashedUuid(id, at)), at, value, source: ${source} ${more} })),
         alarms: table(Alarm, ({ id, at, text }, line) => ({ id: key(id), at, text, line: line.number })),
       },
     });`,
  );
}

const same = { newColumns: [], lostColumns: [], added: 0, removed: 0, changed: 0, examples: [] };

test('a definition that is not changed makes what is published', async () => {
  await define('v.number()', 'line.sourceKey');
  const answer = await hourloom(['dev', '--once', '--json'], env);
  expect(answer).toMatchObject({ code: 0, stderr: '' });
  expect(documentOf(answer)).toEqual({
    pipeline: 'in_dev',
    partition: '2026-02-01T00',
    from: 'merged object',
    counts: { lines: 6, good: 6, duplicate: 0, quarantined: 0 },
    tables: [
      { table: 'readings', ...same, same: 5 },
      { table: 'alarms', ...same, same: 1 },
    ],
    heldBefore: {},
    heldAfter: {},
  });
});

test('a changed one shows which rows would come, go and change, and what would be held back', async () => {
  await define('v.pipe(v.number(), v.maxValue(0.5))', 'id', ', kind: on');
  const answer = await hourloom(['dev', 'in_dev', '--hour', '2026-02-01T00', '--once', '--json'], env);
  const document = documentOf(answer) as { tables: { examples: { before: object; after: object }[] }[] };
  expect(document).toMatchObject({
    counts: { lines: 6, good: 4, duplicate: 0, quarantined: 2 },
    tables: [
      { table: 'readings', newColumns: ['kind'], lostColumns: [], added: 0, removed: 2, changed: 3, same: 0 },
      { table: 'alarms', ...same, same: 1 },
    ],
    heldBefore: {},
    heldAfter: { schema: 2 },
  });
  const examples = document.tables[0]!.examples;
  expect(examples).toHaveLength(5);
  const changed = examples.find(({ before, after }) => before && after)!;
  expect(changed.before).toMatchObject({ source: 'in/2026-02-01-00-0.json' });
  expect(changed.after).toMatchObject({ source: expect.stringMatching(/^sensor-\d$/u) as string, kind: 'reading' });

  const said = (await hourloom(['dev', '--once'], env)).stdout;
  expect(said).toContain('Nothing was published.');
  expect(said).toMatch(/readings +0 +0 +2 +3\n/u);
  expect(said).toMatch(/schema +0 +2\n/u);
});

test('watches the definitions, says what is wrong with one, goes on, and leaves nothing', async () => {
  await define('v.number()', 'line.sourceKey');
  const running = start(['dev', '--hour', '2026-02-01T00'], env);
  const count = (pattern: RegExp): number => [...running.said.stdout.matchAll(pattern)].length;
  await waitFor('it looked', () => running.said.stderr.includes('Watching'));
  expect(count(/readings +5 +0 +0 +0\n/gu)).toBe(1);

  await define('v.number()', 'nothing');
  await waitFor('it says what is wrong', () => running.said.stderr.includes('nothing is not defined'));
  await define('v.number()', 'id');
  await waitFor('it looked again', () => count(/readings +0 +0 +0 +5\n/gu) === 1);

  running.child.kill('SIGINT');
  expect((await running.ended).code).toBe(0);
  const schemas = await stack.warehouse.sql`select nspname from pg_namespace where nspname like '%dev'`;
  expect(schemas).toEqual([{ nspname: 'in_dev' }]);
});
