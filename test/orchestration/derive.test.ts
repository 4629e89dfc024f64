import { afterAll, beforeAll, expect, test } from 'vitest';
import { signalDerive } from '../../client/signal-derive.ts';
import { startDerive } from '../../client/start-derive.ts';
import { findDerived } from '../../define/index.ts';
import { derivedPartition, WHOLE_START } from '../../model/partition.ts';
import { deriveWorkflowId } from '../../model/workflow-id.ts';
import { readVisible } from '../../warehouse/read-ledger.ts';
import { openStack } from '../hour/open-stack.ts';
import type { Stack } from '../hour/open-stack.ts';
import { makeReadings } from '../hour/telemetry.ts';
import { waitFor } from '../support/wait-for.ts';
import { makeDerivedTelemetry } from './derived-telemetry.ts';

const { telemetry, derived } = makeDerivedTelemetry('derive_test');
const [dailyCount, total] = derived.map((each) => findDerived(each)!) as [
  NonNullable<ReturnType<typeof findDerived>>,
  NonNullable<ReturnType<typeof findDerived>>,
];
const DAY = Date.parse('2026-02-03T00:00:00Z');
const hourAt = (index: number): number => DAY + index * 3_600_000;

let stack: Stack;
beforeAll(async () => {
  stack = await openStack(telemetry, { derived });
});
afterAll(() => stack.close());

test('what reads an hour is computed when the hour is made, and what reads that after it', async () => {
  await stack.feed(makeReadings(hourAt(0), { files: 2, lines: 10 }));
  await stack.run(hourAt(0));
  await waitFor('the total is there', async () => (await readTotal()) === 20);
  expect(await readDay()).toEqual({ readings: 20, inputs: 1, expected: 24 });

  await stack.feed(makeReadings(hourAt(5), { files: 1, lines: 7 }));
  await stack.run(hourAt(5));
  await waitFor('the total follows', async () => (await readTotal()) === 27);
  expect(await readDay()).toEqual({ readings: 27, inputs: 2, expected: 24 });
});

test('a file that comes late heals its hour, its day and the total', async () => {
  await stack.feed([makeReadings(hourAt(0), { files: 3, lines: 10 })[2]!]);
  expect(await stack.run(hourAt(0))).toMatchObject({ outcome: 'made', rows: { 'derive_test/readings': 30 } });
  await waitFor('the total is healed', async () => (await readTotal()) === 37);
  expect(await readDay()).toEqual({ readings: 37, inputs: 2, expected: 24 });
});

test('an hour that is unchanged tells nobody, and a partition whose inputs are unchanged is not computed again', async () => {
  const before = await countRuns();
  expect((await stack.run(hourAt(0))).outcome).toBe('unchanged');
  const { handle } = await startDerive(stack.client, {
    derived: dailyCount,
    start: DAY,
    taskQueue: stack.taskQueue,
    input: {},
  });
  expect(await handle.result()).toEqual({ outcome: 'unchanged', inputs: 2, expected: 24, rows: 1 });
  await waitFor('only the run that was asked for is listed', async () => (await countRuns()) === before + 1);
});

test('many hours at once are few rounds, and none is lost', async () => {
  const hours = [6, 7, 8, 9, 10, 11, 12, 13];
  for (const index of hours) await stack.feed(makeReadings(hourAt(index), { files: 1, lines: 3 }));
  await Promise.all(hours.map((index) => stack.run(hourAt(index))));
  await waitFor('all are counted', async () => (await readTotal()) === 37 + 8 * 3);
  expect(await readDay()).toEqual({ readings: 61, inputs: 10, expected: 24 });
});

test('a statement that cannot run fails the partition with its reason, and the rows of before stay', async () => {
  const { sql } = stack.warehouse;
  await sql`alter table derive_test.readings rename to hidden`;
  const { handle } = await startDerive(stack.client, {
    derived: dailyCount,
    start: DAY,
    taskQueue: stack.taskQueue,
    input: { force: true },
  });
  await expect(handle.result()).rejects.toThrow('Workflow execution failed');
  await sql`alter table derive_test.hidden rename to readings`;
  expect(await sql`select reason, retryable from hourloom.last_failure`).toEqual([
    { reason: expect.stringContaining('relation "derive_test.readings" does not exist') as string, retryable: false },
  ]);
  expect(await readTotal()).toBe(61);

  await signalDerive(stack.client, { derived: dailyCount, start: DAY, taskQueue: stack.taskQueue });
  expect(await stack.client.workflow.getHandle(deriveWorkflowId(dailyCount, DAY)).result()).toMatchObject({
    outcome: 'unchanged',
  });
});

async function readTotal(): Promise<number | undefined> {
  const [row] = await stack.warehouse.sql<{ readings: number }[]>`select readings from derive_test.total`;
  const [entry] = await readVisible(stack.warehouse.sql, derivedPartition(total.asset, WHOLE_START));
  return entry && row?.readings;
}

async function readDay(): Promise<object> {
  const [row] = await stack.warehouse.sql<{ readings: number }[]>`select readings from derive_test.daily_count`;
  const [entry] = await readVisible(stack.warehouse.sql, derivedPartition(dailyCount.asset, DAY));
  return { readings: row?.readings, ...entry?.counts };
}

async function countRuns(): Promise<number> {
  const id = deriveWorkflowId(dailyCount, DAY);
  const { count } = await stack.client.workflow.count(`WorkflowId = "${id}"`);
  return count;
}
