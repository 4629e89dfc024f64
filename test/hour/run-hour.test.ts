import { ApplicationFailure } from '@temporalio/common';
import { WorkflowFailedError } from '@temporalio/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { waitFor } from '../support/wait-for.ts';
import { parsePipelineName } from '../../model/asset-key.ts';
import { claimFence } from '../../warehouse/claim-fence.ts';
import { afterPut } from './after-put.ts';
import { deleteObjects } from './delete-objects.ts';
import { openStack } from './open-stack.ts';
import type { Stack } from './open-stack.ts';
import { makeReadings, makeTelemetry } from './telemetry.ts';

const telemetry = makeTelemetry('run_hour');
const BUCKET = 'run-hour';
const hourAt = (index: number): number => Date.parse('2026-02-01T00:00:00Z') + index * 3_600_000;
const rows = (readings: number, alarms: number) => ({ 'run_hour/readings': readings, 'run_hour/alarms': alarms });

let stack: Stack;
beforeAll(async () => {
  stack = await openStack(telemetry);
});
afterAll(() => stack.close());

test('an hour without files is made, and empty', async () => {
  expect(await stack.run(hourAt(0))).toEqual({
    outcome: 'made',
    data: 'empty',
    counts: {
      files: 0,
      filesLoaded: 0,
      filesRejected: 0,
      filesSkipped: 0,
      filesEmpty: 0,
      lines: 0,
      good: 0,
      duplicate: 0,
      quarantined: 0,
    },
    rows: rows(0, 0),
  });
  expect((await stack.run(hourAt(0))).outcome).toBe('unchanged');
});

test('what breaks the contract is held back with its place and reason, and its neighbours load', async () => {
  const at = '2026-02-01T01:00:00.000Z';
  const reading = { on: 'reading', at, id: 'a', value: 1 };
  const lines = [
    JSON.stringify(reading),
    '{"on":"reading",',
    JSON.stringify({ ...reading, id: 'b', value: 'high' }),
    JSON.stringify({ ...reading, id: 'c', on: 'weather' }),
    JSON.stringify({ ...reading, value: 2 }),
    JSON.stringify(reading),
    JSON.stringify({ ...reading, id: 'd', at: '2026-02-30T00:00:00Z' }),
    '',
    JSON.stringify({ ...reading, id: 'e' }),
  ];
  await stack.feed([
    { key: 'in/2026-02-01-01-0.json', body: `${lines.join('\n')}\n` },
    { key: 'in/2026-02-01-01-1.json', body: Buffer.from('PAR1 and so on PAR1') },
    { key: 'in/2026-02-01-01-2.json', body: '' },
    { key: 'in/2026-02-01-01-3.json.tmp', body: 'half a file' },
  ]);

  expect(await stack.run(hourAt(1))).toMatchObject({
    outcome: 'made',
    counts: {
      files: 4,
      filesLoaded: 1,
      filesRejected: 1,
      filesSkipped: 1,
      filesEmpty: 1,
      lines: 8,
      good: 2,
      duplicate: 1,
      quarantined: 5,
    },
    rows: rows(2, 0),
  });
  expect(
    await stack.warehouse
      .sql`select asset, source_key, line, reason from hourloom.quarantine order by source_key, line`,
  ).toEqual([
    { asset: 'run_hour/events', source_key: 'in/2026-02-01-01-0.json', line: 2, reason: 'bad_json' },
    { asset: 'run_hour/readings', source_key: 'in/2026-02-01-01-0.json', line: 3, reason: 'schema' },
    { asset: 'run_hour/events', source_key: 'in/2026-02-01-01-0.json', line: 4, reason: 'unknown_entity' },
    { asset: 'run_hour/readings', source_key: 'in/2026-02-01-01-0.json', line: 5, reason: 'key_conflict' },
    { asset: 'run_hour/readings', source_key: 'in/2026-02-01-01-0.json', line: 7, reason: 'timestamp' },
    { asset: 'run_hour/events', source_key: 'in/2026-02-01-01-1.json', line: 0, reason: 'format' },
  ]);
});

test('a run until merge fills the lake only; one from transform needs no source', async () => {
  const files = makeReadings(hourAt(2), { files: 3, lines: 5 });
  await stack.feed(files);
  expect(await stack.run(hourAt(2), { until: 'merge' })).toMatchObject({
    outcome: 'made',
    counts: { files: 3, lines: null },
    rows: {},
  });
  expect(await countRows(2)).toBe(0);
  expect((await stack.run(hourAt(2), { until: 'merge' })).outcome).toBe('unchanged');

  await deleteObjects(
    stack,
    BUCKET,
    files.map(({ key }) => key),
  );
  expect(await stack.run(hourAt(2), { from: 'transform' })).toMatchObject({
    outcome: 'made',
    counts: { files: 3, lines: 18 },
    rows: rows(15, 3),
  });
  expect(await countRows(2)).toBe(15);
});

test('a run from transform without a merged object says what to do', async () => {
  expect(await failureOf(stack.run(hourAt(3), { from: 'transform' }))).toMatchObject({
    type: 'NotMergedError',
    message:
      'The lake has no merged object of run_hour 2026-02-01T03. Run it once without --from, or with --until merge.',
  });
  expect(await stack.warehouse.sql`select pipeline, partition, retryable from hourloom.last_failure`).toEqual([
    { pipeline: 'run_hour', partition: new Date(hourAt(3)), retryable: false },
  ]);
  await stack.run(hourAt(3));
  expect(await stack.warehouse.sql`select pipeline from hourloom.last_failure`).toEqual([]);
});

test('a late, a changed and a removed file each make another hour of it', async () => {
  const files = makeReadings(hourAt(4), { files: 2, lines: 4 });
  await stack.feed(files);
  expect((await stack.run(hourAt(4))).rows).toEqual(rows(8, 2));

  const [late] = makeReadings(hourAt(4), { files: 3, lines: 4 }).slice(2);
  await stack.feed([late!]);
  expect(await stack.run(hourAt(4))).toMatchObject({ outcome: 'made', rows: rows(12, 3) });

  await stack.feed([{ key: files[0]!.key, body: files[0]!.body.split('\n').slice(0, 2).join('\n') }]);
  expect(await stack.run(hourAt(4))).toMatchObject({ outcome: 'made', rows: rows(10, 2) });

  await deleteObjects(stack, BUCKET, [files[0]!.key]);
  expect(await stack.run(hourAt(4))).toMatchObject({ outcome: 'made', rows: rows(8, 2) });
  expect(await countRows(4)).toBe(8);
});

test('a file that vanishes between listing and reading is listed again', async () => {
  const files = makeReadings(hourAt(5), { files: 2, lines: 4 });
  await stack.feed(files);
  // The moment after the listing was frozen: a foreign writer cleans up.
  const restore = afterPut(stack, 'manifests/', () => deleteObjects(stack, BUCKET, [files[1]!.key]));
  const { handle } = await stack.start(hourAt(5));
  expect(await handle.result()).toMatchObject({ outcome: 'made', counts: { files: 1 }, rows: rows(4, 1) });
  restore();
  const { events } = await stack.client.workflow.getHandle(handle.workflowId).fetchHistory();
  const scheduled = events
    ?.map((event) => event.activityTaskScheduledEventAttributes?.activityType?.name)
    .filter(Boolean);
  expect(scheduled).toEqual(['extract', 'merge', 'extract', 'merge', 'transform', 'load']);
});

test('an attempt that comes back late and takes the fence only costs a new beginning', async () => {
  const start = hourAt(6);
  await stack.feed(makeReadings(start, { files: 2, lines: 4 }));
  const restore = afterPut(stack, 'staged/', () =>
    claimFence(stack.warehouse, { pipeline: parsePipelineName('run_hour')!, start }),
  );
  expect(await stack.run(start)).toMatchObject({ outcome: 'made', rows: rows(8, 2) });
  restore();
  const { events } = await stack.client.workflow.getHandle(`hour/run_hour-${isoOf(start)}`).fetchHistory();
  const scheduled = events
    ?.map((event) => event.activityTaskScheduledEventAttributes?.activityType?.name)
    .filter(Boolean);
  expect(scheduled).toEqual(['extract', 'merge', 'transform', 'load', 'extract', 'merge', 'transform', 'load']);
  expect(await countRows(6)).toBe(8);
});

test('two starters of one hour share one run, which says what it waits for', async () => {
  const soon = Math.floor(Date.now() / 3_600_000) * 3_600_000;
  const [first, second] = await Promise.all([stack.start(soon), stack.start(soon)]);
  expect([first.joined, second.joined].sort()).toEqual([false, true]);
  const handle = stack.client.workflow.getHandle(first.handle.workflowId);
  expect((await handle.describe()).status.name).toBe('RUNNING');
  const details = await waitFor('the run says what it waits for', () => currentDetails(first.handle.workflowId));
  expect(details).toContain(`Waiting until ${new Date(soon + 3_660_000).toISOString()}`);
  await handle.cancel();
  await expect(handle.result()).rejects.toThrow(WorkflowFailedError);
});

test('a missing source bucket fails at once, in one sentence', async () => {
  const lost = makeTelemetry('lost_bucket');
  const other = await openStack(lost);
  const { DeleteBucketCommand } = await import('@aws-sdk/client-s3');
  await other.lake.s3.send(new DeleteBucketCommand({ Bucket: 'lost-bucket' }));
  expect(await failureOf(other.run(hourAt(0)))).toMatchObject({
    type: 'SourceMissingError',
    nonRetryable: true,
    message: expect.stringMatching(
      /^There is no source bucket "lost-bucket" at .+\. Create it, or correct the bucket's name\.$/u,
    ),
  });
  await other.close();
});

test('a pipeline that the worker does not know fails at once, in one sentence', async () => {
  const handle = await stack.client.workflow.start('hour', {
    taskQueue: stack.taskQueue,
    workflowId: 'hour/unheard_of-2026-02-01T00:00:00Z',
  });
  expect(await failureOf(handle.result())).toMatchObject({ type: 'UnknownPipelineError' });
});

test('a workflow id that names no window fails at once, in one sentence', async () => {
  const handle = await stack.client.workflow.start('hour', { taskQueue: stack.taskQueue, workflowId: 'hour/whenever' });
  expect(await failureOf(handle.result())).toMatchObject({ type: 'WorkflowIdError' });
});

test('the run is found by pipeline and partition, and shows what it made', async () => {
  await stack.run(hourAt(0));
  const query = `HourloomPipeline = "run_hour" and HourloomPartition = "2026-02-01T00" and HourloomOutcome = "made"`;
  const found = await waitFor('visibility catches up', async () => {
    const ids: string[] = [];
    for await (const { workflowId } of stack.client.workflow.list({ query })) ids.push(workflowId);
    return ids.length > 0 ? ids : undefined;
  });
  expect(found).toEqual(['hour/run_hour-2026-02-01T00:00:00Z']);
});

async function countRows(index: number): Promise<number> {
  const [row] = await stack.warehouse.sql<[{ count: number }]>`
    select count(*) from run_hour.readings where at >= ${new Date(hourAt(index))} and at < ${new Date(hourAt(index + 1))}
  `;
  return row.count;
}

/** The failure that ended a run, without Temporal's wrappers. */
async function failureOf(result: Promise<unknown>): Promise<unknown> {
  let error: unknown = await result.then(
    () => new Error('The run did not fail.'),
    (reason: unknown) => reason,
  );
  while (error instanceof Error && !(error instanceof ApplicationFailure) && error.cause !== undefined)
    error = error.cause;
  return error;
}

async function currentDetails(workflowId: string): Promise<string | undefined> {
  const metadata = await stack.client.workflow
    .getHandle(workflowId)
    .query<{ currentDetails?: string }>('__temporal_workflow_metadata');
  return metadata.currentDetails === '' ? undefined : metadata.currentDetails;
}

function isoOf(start: number): string {
  return `${new Date(start).toISOString().slice(0, 19)}Z`;
}
