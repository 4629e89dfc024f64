import { afterAll, beforeAll, expect, test } from 'vitest';
import { waitForBackfill } from '../../client/wait-for-backfill.ts';
import { findPipeline } from '../../define/index.ts';
import { readBackfill } from '../../warehouse/read-backfill.ts';
import { recordFailure } from '../../warehouse/record-failure.ts';
import { openStack } from '../hour/open-stack.ts';
import type { Stack } from '../hour/open-stack.ts';
import { makeReadings } from '../hour/telemetry.ts';
import { makeDerivedTelemetry } from './derived-telemetry.ts';
import { requestHours } from './request-hours.ts';
import type { RequestedHours } from './request-hours.ts';

const { telemetry, derived } = makeDerivedTelemetry('backfill_test');
const { spec } = findPipeline(telemetry)!;
const DAY = Date.parse('2026-03-01T00:00:00Z');
const hourAt = (index: number): number => DAY + index * 3_600_000;

let stack: Stack;
beforeAll(async () => {
  stack = await openStack(telemetry, { derived });
});
afterAll(() => stack.close());

test('missing hours are made, then what is derived from them, each once', async () => {
  for (const index of [0, 1, 25]) await stack.feed(makeReadings(hourAt(index), { files: 1, lines: 5 }));
  await stack.run(hourAt(1), {});
  await request('first', 0, 30);
  expect(await waitForBackfill(stack.client, 'first')).toMatchObject({
    ...{ state: 'done', total: 29, done: 29, made: 29, unchanged: 0, failed: 0, failures: [] },
    derived: { total: 3, done: 3, made: 3, failed: 0 },
  });
  expect(await readDays()).toEqual([10, 5]);
  expect(await readTotal()).toBe(15);
  expect(await readBackfill(stack.warehouse.sql, 'first')).toMatchObject({
    state: 'done',
    counts: { total: 29, made: 29, derivedMade: 3 },
  });
});

test('a request that comes twice is carried out once, and one with nothing to do ends at once', async () => {
  await request('twice', 30, 32);
  await request('twice', 30, 34);
  expect(await waitForBackfill(stack.client, 'twice')).toMatchObject({ state: 'done', total: 2, made: 2 });
  await request('twice', 30, 34);
  await request('nothing', 0, 32);
  expect(await waitForBackfill(stack.client, 'nothing')).toMatchObject({
    state: 'done',
    total: 0,
    derived: { total: 0 },
    etaMs: null,
  });
  const runs = await stack.client.workflow.count('WorkflowId = "backfill/twice"');
  expect(runs.count).toBe(1);
});

test('what failed though the ledger has it is made again, and is failed no more', async () => {
  const partition = { pipeline: spec.name, start: hourAt(0) };
  await recordFailure(stack.warehouse, partition, { reason: 'It was away.', retryable: true });
  await request('failed', 0, 2, { only: 'failed' });
  expect(await waitForBackfill(stack.client, 'failed')).toMatchObject({ total: 1, made: 1, unchanged: 0 });
  expect(await stack.warehouse.sql`select from hourloom.last_failure`).toHaveLength(0);
});

test('all makes again what is there', async () => {
  await request('again', 0, 2, { only: 'all' });
  expect(await waitForBackfill(stack.client, 'again')).toMatchObject({ total: 2, made: 2, unchanged: 0 });
  expect(await readTotal()).toBe(15);
});

async function request(id: string, from: number, to: number, asked: Pick<RequestedHours, 'only'> = {}): Promise<void> {
  await requestHours(stack, spec, { id, from: hourAt(from), count: to - from, ...asked });
}

async function readDays(): Promise<readonly number[]> {
  const rows = await stack.warehouse.sql<{ readings: number }[]>`
    select readings from backfill_test.daily_count order by readings desc
  `;
  return rows.map(({ readings }) => readings);
}

async function readTotal(): Promise<number | undefined> {
  const [row] = await stack.warehouse.sql<{ readings: number }[]>`select readings from backfill_test.total`;
  return row?.readings;
}
