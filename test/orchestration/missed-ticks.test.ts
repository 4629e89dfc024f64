import { afterAll, beforeAll, expect, test } from 'vitest';
import { every, findPipeline } from '../../define/index.ts';
import { windowAt, windowIndex, windowOf } from '../../model/window.ts';
import { hourWorkflowId } from '../../model/workflow-id.ts';
import { ensureSchedule } from '../../worker/ensure-schedule.ts';
import { openStack } from '../hour/open-stack.ts';
import type { Stack } from '../hour/open-stack.ts';
import { makeTelemetry } from '../hour/telemetry.ts';
import { waitFor } from '../support/wait-for.ts';
import { openTemporal } from './open-temporal.ts';
import type { OwnTemporal } from './open-temporal.ts';

const telemetry = makeTelemetry('missed', every('10 seconds', '2026-01-01T00:00:00'));
const { spec } = findPipeline(telemetry)!;

let temporal: OwnTemporal;
let stack: Stack;
beforeAll(async () => {
  temporal = await openTemporal();
  stack = await openStack(telemetry, { temporalAddress: temporal.address });
});
afterAll(async () => {
  await stack.close();
  await temporal.close();
});

test('every window that begins while Temporal is killed is made when it is up again', { timeout: 60_000 }, async () => {
  // The schedule alone: reconcile would find the windows too.
  await ensureSchedule(stack.client, spec, stack.taskQueue);
  const first = windowOf(spec.window, Date.now()).start;
  expect(await stack.run(first)).toMatchObject({ outcome: 'made', data: 'empty' });

  await temporal.kill();
  const killed = windowIndex(spec.window, Date.now());
  const missed = [1, 2].map((ticks) => windowAt(spec.window, killed + ticks).start);
  const last = missed.at(-1)!;
  await waitFor('two ticks are missed', () => Date.now() > last, 25_000);
  const back = Date.now();
  await temporal.restart();

  const windows = listWindows(first, last);
  await waitFor('as many are made', async () => (await readMade(last)).length >= windows.length, 20_000);
  expect(await readMade(last)).toEqual(windows);
  for (const start of missed) {
    const workflowId = hourWorkflowId(spec.window, { pipeline: spec.name, start });
    expect(await waitFor('its run is listed', () => countRuns(workflowId))).toBe(1);
    const { startTime } = await stack.client.workflow.getHandle(workflowId).describe();
    expect(startTime.getTime()).toBeGreaterThanOrEqual(back);
  }
});

async function countRuns(workflowId: string): Promise<number | undefined> {
  const { count } = await stack.client.workflow.count(`WorkflowId = "${workflowId}"`);
  return count > 0 ? count : undefined;
}

/** The starts of the windows from the first to the last. */
function listWindows(first: number, last: number): readonly number[] {
  const [from, to] = [first, last].map((at) => windowIndex(spec.window, at)) as [number, number];
  return Array.from({ length: to - from + 1 }, (_, number) => windowAt(spec.window, from + number).start);
}

/** The starts of the windows up to the last that the ledger has, each as often as it was made. */
async function readMade(last: number): Promise<readonly number[]> {
  const rows = await stack.warehouse.sql<{ partition: Date }[]>`
    select partition
    from hourloom.materialization
    where asset = 'missed/readings' and partition <= ${new Date(last)}
    order by partition
  `;
  return rows.map(({ partition }) => partition.getTime());
}
