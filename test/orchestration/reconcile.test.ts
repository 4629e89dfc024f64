import { getS3Source } from '../../model/get-s3-source.ts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pauseSchedule } from '../../client/pause-schedule.ts';
import { readSchedule } from '../../client/read-schedule.ts';
import { resumeSchedule } from '../../client/resume-schedule.ts';
import { findPipeline } from '../../define/index.ts';
import { RECONCILE_WORKFLOW_TYPE } from '../../model/workflow-id.ts';
import { ensureSchedule } from '../../worker/ensure-schedule.ts';
import { startSchedules } from '../../worker/start-schedules.ts';
import type { reconcile, ReconcileResult } from '../../workflows/reconcile.ts';
import { deleteObjects } from '../hour/delete-objects.ts';
import { openStack } from '../hour/open-stack.ts';
import type { Stack } from '../hour/open-stack.ts';
import { makeReadings } from '../hour/telemetry.ts';
import { waitFor } from '../support/wait-for.ts';
import { makeDerivedTelemetry } from './derived-telemetry.ts';

const { telemetry, derived } = makeDerivedTelemetry('reconciled');
const { spec } = findPipeline(telemetry)!;
const NOW = Date.now();
/** The newest hours that are over and settled, 0 being the newest. */
const hourAt = (ago: number): number => Math.floor((NOW - 2 * 3_600_000) / 3_600_000) * 3_600_000 - ago * 3_600_000;

let stack: Stack;
beforeAll(async () => {
  stack = await openStack(telemetry, { derived });
  await ensureSchedule(stack.client, spec, stack.taskQueue);
});
afterAll(async () => {
  await stack.client.schedule.getHandle('hour/reconciled').delete();
  await stack.close();
});

test('hours that were never made, before anything was promised, are left alone', async () => {
  expect(await pass()).toEqual({ hours: 0, derived: 0 });
});

test('a window whose files wait for it is made, and what reads it', async () => {
  await stack.feed(makeReadings(hourAt(3), { files: 2, lines: 5 }));
  expect(await pass()).toEqual({ hours: 1, derived: 0 });
  await waitFor('all is made', async () => (await readTotal()) === 10);
  await waitUntilQuiet();
  expect(await pass()).toEqual({ hours: 0, derived: 0 });
});

test('a late, a changed and a removed file each heal their hour and what reads it', async () => {
  const [, , late] = makeReadings(hourAt(3), { files: 3, lines: 5 });
  await stack.feed([late!]);
  expect((await pass()).hours).toBe(1);
  await waitFor('the late file is counted', async () => (await readTotal()) === 15);
  await waitUntilQuiet();

  await stack.feed([{ ...late!, body: late!.body.split('\n').slice(0, 2).join('\n') }]);
  expect((await pass()).hours).toBe(1);
  await waitFor('the changed file is counted', async () => (await readTotal()) === 12);
  await waitUntilQuiet();

  await deleteObjects(stack, 'reconciled', [late!.key]);
  expect((await pass()).hours).toBe(1);
  await waitFor('the removed file is not counted', async () => (await readTotal()) === 10);
  await waitUntilQuiet();
});

test('a derived partition that nobody told of its inputs is remade', async () => {
  await stack.feed(makeReadings(hourAt(4), { files: 1, lines: 4 }));
  await stack.run(hourAt(4), { announce: false });
  expect(await pass()).toEqual({ hours: 0, derived: 1 });
  await waitFor('the total follows', async () => (await readTotal()) === 14);
  await waitUntilQuiet();
});

test('a failure that time cannot help is not tried again before its input changes', async () => {
  const { sql } = stack.warehouse;
  await stack.feed(makeReadings(hourAt(5), { files: 1, lines: 1 }));
  // As a run leaves it that failed for good, of this very input and code.
  const { digestHourTried } = await import('../../activities/digest-tried.ts');
  const { listWindow } = await import('../../lake/list-window.ts');
  const { manifestDigest } = await import('../../lake/manifest-digest.ts');
  const { recordFailure } = await import('../../warehouse/record-failure.ts');
  const window = { start: hourAt(5), end: hourAt(5) + 3_600_000 };
  const tried = digestHourTried(spec, manifestDigest(await listWindow(stack.lake, getS3Source(spec), window)));
  const partition = { pipeline: spec.name, start: hourAt(5) };
  await recordFailure(stack.warehouse, partition, { reason: 'It cannot be.', retryable: false, tried });
  expect(await pass()).toEqual({ hours: 0, derived: 0 });

  // One that time can help waits the longer, the more often it was tried.
  await recordFailure(stack.warehouse, partition, { reason: 'It was away.', retryable: true, tried });
  expect(await pass()).toEqual({ hours: 0, derived: 0 });
  await sql`update hourloom.last_failure set failed_at = failed_at - interval '19 minutes'`;
  expect(await pass()).toEqual({ hours: 0, derived: 0 });
  await sql`update hourloom.last_failure set failed_at = failed_at - interval '2 minutes', retryable = false`;
  expect(await pass()).toEqual({ hours: 0, derived: 0 });

  await stack.feed([makeReadings(hourAt(5), { files: 2, lines: 1 })[1]!]);
  expect(await pass()).toEqual({ hours: 1, derived: 0 });
  await waitFor('it is made', async () => (await readTotal()) === 16);
  await waitUntilQuiet();
});

test('a paused pipeline starts nothing, whoever might', async () => {
  await stack.feed(makeReadings(hourAt(6), { files: 1, lines: 2 }));
  await pauseSchedule(stack.client, spec, 'for the test');
  const before = await countHours();
  expect(await pass()).toEqual({ hours: 0, derived: 0 });
  await startSchedules(stack.client, [spec], { taskQueue: stack.taskQueue, now: Date.now() });
  await stack.client.schedule.getHandle('reconcile/reconciled').delete();
  expect(await readSchedule(stack.client, spec)).toMatchObject({ paused: true, note: 'for the test' });
  expect(await countHours()).toBe(before);

  await resumeSchedule(stack.client, spec, 'again');
  expect((await pass()).hours).toBe(1);
  await waitFor('it is made', async () => (await readTotal()) === 18);
});

/** One pass of reconcile, as its schedule would start it. */
async function pass(): Promise<ReconcileResult> {
  return stack.client.workflow.execute<typeof reconcile>(RECONCILE_WORKFLOW_TYPE, {
    taskQueue: stack.taskQueue,
    workflowId: `reconcile/reconciled`,
    args: [{ pipeline: spec.name }],
  });
}

async function readTotal(): Promise<number | undefined> {
  const [row] = await stack.warehouse.sql<{ readings: number }[]>`select readings from reconciled.total`;
  return row?.readings;
}

/** What was announced has been computed: no run of a derived partition is open. */
async function waitUntilQuiet(): Promise<void> {
  await waitFor('no run is open', async () => {
    const query = `TaskQueue = "${stack.taskQueue}" and ExecutionStatus = "Running"`;
    return (await stack.client.workflow.count(query)).count === 0;
  });
}

async function countHours(): Promise<number> {
  return (await stack.client.workflow.count(`HourloomPipeline = "reconciled" and WorkflowType = "hour"`)).count;
}
