import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { waitForBackfill } from '../../client/wait-for-backfill.ts';
import { findPipeline } from '../../define/index.ts';
import type { FaultyWorkerInput } from '../faults/worker.ts';
import { bundleWorkflows, openStack } from '../hour/open-stack.ts';
import type { Stack } from '../hour/open-stack.ts';
import { makeReadings, makeTelemetry } from '../hour/telemetry.ts';
import { services } from '../support/services.ts';
import { waitFor } from '../support/wait-for.ts';
import { holdLoads } from './hold-loads.ts';
import { openTemporal } from './open-temporal.ts';
import { requestHours } from './request-hours.ts';

const FIRST = Date.parse('2026-07-01T00:00:00Z');
const HOURS = 40;
const WIDTH = 4;

let folder: string;
const opened: (() => Promise<void>)[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hourloom-orchestration-'));
  await writeFile(join(folder, 'workflow-bundle.js'), (await bundleWorkflows()).code);
});
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

test(
  'a backfill is asked for while no worker is up, and survives the killing of one',
  { timeout: 60_000 },
  async () => {
    const pipeline = 'killed_backfill';
    const stack = await open(pipeline);
    const doomed = startWorker(stack, pipeline);
    await waitFor('some hours are made', async () => (await readMade(stack, pipeline)).loads >= 5, 30_000);
    await kill(doomed);
    expect((await readMade(stack, pipeline)).loads).toBeLessThan(HOURS);

    startWorker(stack, pipeline);
    await expectWhole(stack, pipeline);
  },
);

test('a backfill survives the killing of its worker and of Temporal at once', { timeout: 60_000 }, async () => {
  const pipeline = 'killed_with_temporal';
  const temporal = await openTemporal();
  opened.push(() => temporal.close());
  const stack = await open(pipeline, temporal.address);
  const doomed = startWorker(stack, pipeline, temporal.address);
  await waitFor('some hours are made', async () => (await readMade(stack, pipeline)).loads >= 5, 30_000);
  const held = await holdLoads(stack, pipeline, 'readings');
  await waitFor('as many as may are about to be loaded', async () => (await countLoading(stack, pipeline)) === WIDTH);
  await Promise.all([kill(doomed), temporal.kill()]);
  const before = await readMade(stack, pipeline);
  expect(before.loads).toBeLessThan(HOURS);
  await held.release();

  await temporal.restart();
  startWorker(stack, pipeline, temporal.address);
  await expectWhole(stack, pipeline);
  expect((await stack.client.workflow.count(`WorkflowId = "backfill/${pipeline}"`)).count).toBe(1);
});

/** A stack whose backfill of all hours is on record, without a worker. */
async function open(pipeline: string, temporalAddress = services().temporalAddress): Promise<Stack> {
  const telemetry = makeTelemetry(pipeline);
  const stack = await openStack(telemetry, { worker: false, temporalAddress });
  opened.push(() => stack.close());
  const hours = Array.from({ length: HOURS }, (_, hour) => FIRST + hour * 3_600_000);
  await stack.feed(hours.flatMap((start) => makeReadings(start, { files: 1, lines: 3 })));
  const { spec } = findPipeline(telemetry)!;
  await requestHours(stack, spec, { id: pipeline, from: FIRST, count: HOURS, width: WIDTH });
  return stack;
}

/** Waits for the end: every hour is there, and once. */
async function expectWhole(stack: Stack, pipeline: string): Promise<void> {
  const end = await waitForBackfill(stack.client, pipeline, { signal: AbortSignal.timeout(50_000) });
  expect(end).toMatchObject({ state: 'done', total: HOURS, done: HOURS, failed: 0, failures: [] });
  expect(await readMade(stack, pipeline)).toEqual({ loads: HOURS, readings: HOURS * 3, doubled: 0 });
}

/** A worker in a process of its own; it is killed at the end of the test, if not before. */
function startWorker(
  { taskQueue, databaseUrl, lakeBucket }: Stack,
  pipeline: string,
  temporalAddress = services().temporalAddress,
): ChildProcess {
  const { endpoint, region, ...credentials } = services().s3;
  const input: FaultyWorkerInput = {
    pipeline,
    taskQueue,
    temporalAddress,
    databaseUrl,
    lake: { endpoint, region, credentials, bucket: lakeBucket },
    workflowBundlePath: join(folder, 'workflow-bundle.js'),
    stopAt: undefined,
  };
  const worker = fork(fileURLToPath(new URL('../faults/worker.ts', import.meta.url)), [JSON.stringify(input)], {
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  opened.push(() => kill(worker));
  return worker;
}

async function kill(worker: ChildProcess): Promise<void> {
  if (worker.exitCode !== null || worker.signalCode !== null) return;
  const ended = once(worker, 'exit');
  worker.kill('SIGKILL');
  await ended;
}

interface Made {
  readonly loads: number;
  readonly readings: number;
  readonly doubled: number;
}

async function readMade({ warehouse: { sql } }: Stack, pipeline: string): Promise<Made> {
  const readings = sql`${sql(pipeline)}.readings`;
  const [row] = await sql<[Made]>`
    select
      (select count(*) from hourloom.materialization where asset = ${`${pipeline}/readings`} and visible) as loads,
      (select count(*) from ${readings}) as readings,
      (select count(*) - count(distinct reading_id) from ${readings}) as doubled
  `;
  return { ...row };
}

/** How many sessions wait for the lock that the test holds. */
async function countLoading({ warehouse: { sql } }: Stack, pipeline: string): Promise<number> {
  const [row] = await sql<[{ count: number }]>`
    select count(*) from pg_locks where not granted and relation = ${`${pipeline}.readings`}::regclass
  `;
  return row.count;
}
