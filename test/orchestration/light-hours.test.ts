import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { waitForBackfill } from '../../client/wait-for-backfill.ts';
import { findPipeline } from '../../define/index.ts';
import { hourWorkflowId } from '../../model/workflow-id.ts';
import { openStack } from '../hour/open-stack.ts';
import type { Stack } from '../hour/open-stack.ts';
import { makeReadings, makeTelemetry } from '../hour/telemetry.ts';
import { waitFor } from '../support/wait-for.ts';
import { holdLoads } from './hold-loads.ts';
import type { HeldLoads } from './hold-loads.ts';
import { requestHours } from './request-hours.ts';

const telemetry = makeTelemetry('light');
const { spec } = findPipeline(telemetry)!;
const hourAt = (index: number): number => Date.parse('2026-05-01T00:00:00Z') + index * 3_600_000;

let stack: Stack;
let held: HeldLoads | undefined;
beforeAll(async () => {
  stack = await openStack(telemetry);
});
afterEach(async () => {
  await held?.release();
  held = undefined;
});
afterAll(() => stack.close());

test('a backfilled hour of one file is made in one step within its own task, and is found by its attributes', async () => {
  await stack.feed(makeReadings(hourAt(0), { files: 1, lines: 5 }));
  await backfillHour(0);
  expect(await readSteps(0)).toEqual({ here: ['makeLight'], durable: [] });
  expect(await countRows(0)).toBe(5);
  const query = 'HourloomPipeline = "light" and HourloomPartition = "2026-05-01T00" and HourloomOutcome = "made"';
  await waitFor('the run is found', async () => (await stack.client.workflow.count(query)).count === 1);
});

test('an hour of many files is made step by step, each light or durable, and so is a live hour', async () => {
  await stack.feed(makeReadings(hourAt(1), { files: 20, lines: 3 }));
  await backfillHour(1);
  expect(await readSteps(1)).toEqual({ here: ['makeLight', 'extract', 'transform', 'load'], durable: ['merge'] });
  expect(await countRows(1)).toBe(60);

  await stack.feed(makeReadings(hourAt(2), { files: 1, lines: 3 }));
  await stack.run(hourAt(2), {});
  expect(await readSteps(2)).toEqual({
    here: ['describePipeline'],
    durable: ['extract', 'merge', 'transform', 'load'],
  });
});

test('a light step that takes long goes on as a durable one, and the hour is made once', async () => {
  await stack.feed(makeReadings(hourAt(3), { files: 1, lines: 4 }));
  held = await holdLoads(stack, 'light', 'readings');
  await request(3);
  const isBegun = async () => (await stack.client.workflow.count(`WorkflowId = "${workflowIdOf(3)}"`)).count === 1;
  await waitFor('the hour begins', isBegun);
  const isDurable = async () => (await readSteps(3)).durable.includes('load');
  await waitFor('the load is handed to the server', isDurable);
  await held.release();
  held = undefined;
  expect(await waitForBackfill(stack.client, 'hour-3')).toMatchObject({ made: 1, failed: 0 });
  expect(await countRows(3)).toBe(4);
  const loads = await stack.warehouse.sql`
    select distinct load_id from light.readings where at >= ${new Date(hourAt(3))} and at < ${new Date(hourAt(4))}
  `;
  expect(loads).toHaveLength(1);
});

test('what trying cannot help fails at once, without a durable step', async () => {
  await stack.feed(makeReadings(hourAt(4), { files: 1, lines: 4 }));
  await stack.run(hourAt(4), { until: 'merge' });
  await stack.warehouse.sql`
    update hourloom.materialization
    set object_key = null
    where asset = 'light/events' and partition = ${new Date(hourAt(4))}
  `;
  await stack.client.workflow.start('hour', {
    taskQueue: `${stack.taskQueue}-backfill`,
    workflowId: workflowIdOf(4),
    args: [{ backfill: true, from: 'transform' }],
  });
  const failed = await stack.client.workflow
    .getHandle(workflowIdOf(4))
    .result()
    .catch((error: unknown) => error);
  expect(failed).toMatchObject({ cause: { type: 'NotMergedError' } });
  expect((await readSteps(4)).durable).toEqual(['recordFailure']);
});

async function request(index: number): Promise<void> {
  await requestHours(stack, spec, { id: `hour-${index}`, from: hourAt(index), count: 1 });
}

async function backfillHour(index: number): Promise<void> {
  await request(index);
  expect(await waitForBackfill(stack.client, `hour-${index}`)).toMatchObject({ made: 1, failed: 0 });
}

function workflowIdOf(index: number): string {
  return hourWorkflowId(spec.window, { pipeline: spec.name, start: hourAt(index) });
}

/** What the history says of an hour's steps: those within its own task, and those that the server handed out. */
async function readSteps(index: number): Promise<{ readonly here: string[]; readonly durable: string[] }> {
  const { events } = await stack.client.workflow.getHandle(workflowIdOf(index)).fetchHistory();
  const here: string[] = [];
  const durable: string[] = [];
  for (const event of events ?? []) {
    const scheduled = event.activityTaskScheduledEventAttributes?.activityType?.name;
    if (scheduled) durable.push(scheduled);
    const marked = event.markerRecordedEventAttributes?.details?.['data']?.payloads?.[0]?.data;
    if (marked) {
      const { activity_type: name } = JSON.parse(Buffer.from(marked).toString()) as { activity_type: string };
      here.push(name);
    }
  }
  return { here, durable };
}

async function countRows(index: number): Promise<number> {
  const [row] = await stack.warehouse.sql<[{ rows: number }]>`
    select count(*) as rows from light.readings
    where at >= ${new Date(hourAt(index))} and at < ${new Date(hourAt(index + 1))}
  `;
  return row.rows;
}
