import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { door2door } from '../../assets/index.ts';
import { makeLightHour } from '../../bench/light-hour.ts';
import { waitForBackfill } from '../../client/wait-for-backfill.ts';
import { getObject } from '../../lake/get-object.ts';
import { currentFolder } from '../../model/hive-layout.ts';
import { hourWorkflowId } from '../../model/workflow-id.ts';
import { readMade } from '../../warehouse/read-made.ts';
import { definitionOf, openStack } from '../hour/open-stack.ts';
import type { Stack } from '../hour/open-stack.ts';
import { requestHours } from '../orchestration/request-hours.ts';
import { documentOf, hourloom } from '../cli/hourloom.ts';
import { services } from '../support/services.ts';

const { spec } = definitionOf(door2door);
const { asset } = spec.tables[0]!;
/** No other test file makes them: they share one Temporal. */
const DAY = Date.parse('2019-08-10T00:00:00Z');
const hourAt = (index: number): number => DAY + index * 3_600_000;

let stack: Stack;
let folder: string;
beforeAll(async () => {
  stack = await openStack(door2door);
  folder = await mkdtemp(join(tmpdir(), 'hourloom-lists-'));
  await stack.feed([21, 22, 23, 24, 25].map((index) => makeLightHour(hourAt(index))));
});
afterAll(async () => {
  await stack.close();
  await rm(folder, { recursive: true, force: true });
});

test('a backfill writes the lists of its days when it made their hours, and its hours write none', async () => {
  await requestHours(stack, spec, { id: 'lists-first', from: hourAt(21), count: 5 });
  expect(await waitForBackfill(stack.client, 'lists-first')).toMatchObject({ state: 'done', made: 5, failed: 0 });
  expect(await readList(DAY)).toEqual(['2019-08-10T21', '2019-08-10T22', '2019-08-10T23']);
  expect(await readList(hourAt(24))).toEqual(['2019-08-11T00', '2019-08-11T01']);
  expect(await readKeys(DAY)).toEqual(await readLedger(DAY));
  const { events } = await stack.client.workflow
    .getHandle(hourWorkflowId(spec.window, { pipeline: spec.name, start: DAY + 21 * 3_600_000 }))
    .fetchHistory();
  expect(JSON.stringify(events)).not.toContain('listCurrent');
});

test('an hour that is made by itself writes the list of its day', async () => {
  await stack.feed([makeLightHour(hourAt(20))]);
  await stack.run(hourAt(20));
  expect(await readList(DAY)).toEqual(['2019-08-10T20', '2019-08-10T21', '2019-08-10T22', '2019-08-10T23']);
});

test('a backfill that is cancelled has written the lists of what it made', async () => {
  await stack.feed([26, 27, 28].map((index) => makeLightHour(hourAt(index))));
  await requestHours(stack, spec, { id: 'lists-cancelled', from: hourAt(26), count: 3, width: 1 });
  const handle = stack.client.workflow.getHandle('backfill/lists-cancelled');
  await expect.poll(async () => (await readLedger(hourAt(24))).length, { timeout: 20_000 }).toBeGreaterThan(2);
  await handle.signal('cancel');
  await waitForBackfill(stack.client, 'lists-cancelled');
  expect(await readKeys(hourAt(24))).toEqual(await readLedger(hourAt(24)));
});

test('what was wiped is on the list no more', async () => {
  const { s3 } = services();
  const env = {
    HOURLOOM_FOLDER: join(folder, '.hourloom'),
    HOURLOOM_LAKE_BUCKET: stack.lakeBucket,
    DATABASE_URL: stack.databaseUrl,
    AWS_ENDPOINT_URL_S3: s3.endpoint,
    AWS_ACCESS_KEY_ID: s3.accessKeyId,
    AWS_SECRET_ACCESS_KEY: s3.secretAccessKey,
  };
  const range = ['--from', '2019-08-10T22', '--to', '2019-08-11T01'];
  const answer = await hourloom(['wipe', asset, ...range, '--yes', '--json'], env);
  expect({ code: answer.code, stderr: answer.stderr }).toEqual({ code: 0, stderr: '' });
  expect(documentOf(answer)).toMatchObject({ partitions: 3 });
  expect(await readList(DAY)).toEqual(['2019-08-10T20', '2019-08-10T21']);
  expect((await readList(hourAt(24)))[0]).toBe('2019-08-11T01');
});

async function readDocument(start: number): Promise<readonly { partition: string; key: string }[]> {
  const use = { bucket: stack.lakeBucket, role: 'lake' } as const;
  const { body } = await getObject(stack.lake, { use, key: currentFolder(spec.window, asset, start).key });
  return (JSON.parse(await body.text()) as { objects: { partition: string; key: string }[] }).objects;
}

async function readList(start: number): Promise<readonly string[]> {
  return (await readDocument(start)).map(({ partition }) => partition);
}

async function readKeys(start: number): Promise<readonly string[]> {
  return (await readDocument(start)).map(({ key }) => key);
}

async function readLedger(start: number): Promise<readonly (string | undefined)[]> {
  const { within } = currentFolder(spec.window, asset, start);
  const keys: (string | undefined)[] = [];
  for await (const page of readMade(stack.warehouse.sql, { asset, within })) {
    keys.push(...page.map(({ objectKey }) => objectKey));
  }
  return keys;
}
