import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { requestBackfill } from '../../client/request-backfill.ts';
import { readBackfillProgress } from '../../client/read-backfill-progress.ts';
import { waitForBackfill } from '../../client/wait-for-backfill.ts';
import { findDerived } from '../../define/index.ts';
import type { BackfillProgress } from '../../model/backfill.ts';
import type { DerivedSpec } from '../../model/derived-spec.ts';
import { buildGraph } from '../../model/graph.ts';
import { findTarget } from '../../model/backfill-target.ts';
import { WHOLE } from '../../model/mapping.ts';
import { derivedPartition, WHOLE_START } from '../../model/partition.ts';
import type { BackfillOnly } from '../../model/plan.ts';
import { windowIndex } from '../../model/window.ts';
import { planTarget } from '../../warehouse/plan-target.ts';
import { readBackfill } from '../../warehouse/read-backfill.ts';
import { recordFailure } from '../../warehouse/record-failure.ts';
import { wipe } from '../../warehouse/wipe.ts';
import { definitionOf, openStack } from '../hour/open-stack.ts';
import type { Stack } from '../hour/open-stack.ts';
import { makeReadings } from '../hour/telemetry.ts';
import { waitFor } from '../support/wait-for.ts';
import { makeDerivedTelemetry } from './derived-telemetry.ts';
import { holdLoads } from './hold-loads.ts';
import type { HeldLoads } from './hold-loads.ts';

const { telemetry, derived } = makeDerivedTelemetry('derived_target');
const { spec } = definitionOf(telemetry);
const [daily, total] = derived.map((each) => findDerived(each)!) as [DerivedSpec, DerivedSpec];
const FIRST = Date.parse('2026-03-01T00:00:00Z');
const dayAt = (day: number): number => FIRST + day * 86_400_000;

let stack: Stack;
let held: HeldLoads | undefined;
beforeAll(async () => {
  stack = await openStack(telemetry, { derived });
  // The days' hours are there; nobody has told the days.
  for (const [day, lines] of [5, 7, 0, 9].entries()) {
    if (lines === 0) continue;
    await stack.feed(makeReadings(dayAt(day), { files: 1, lines }));
    await stack.run(dayAt(day), { announce: false });
  }
});
afterEach(async () => {
  await held?.release();
  held = undefined;
});
afterAll(() => stack.close());

test('missing partitions are made where there is something to make them of, then what reads them', async () => {
  expect(await plan('missing', 0, 4)).toEqual({
    planned: [
      { from: 0, to: 2, reason: 'missing', why: 'Never made.', fromTransform: false },
      { from: 3, to: 4, reason: 'missing', why: 'Never made.', fromTransform: false },
    ],
    lacking: [{ from: 2, to: 3 }],
  });
  expect(await backfill('missing-days', 'missing', 0, 4)).toMatchObject({
    ...{ state: 'done', total: 3, done: 3, made: 3, failed: 0 },
    derived: { total: 1, done: 1, made: 1 },
  });
  expect(await readDays()).toEqual([5, 7, 9]);
  expect(await readTotal()).toBe(21);
  expect(await readBackfill(stack.warehouse.sql, 'missing-days')).toMatchObject({
    pipeline: 'derived_target/daily_count',
    state: 'done',
    counts: { total: 3, made: 3, derivedMade: 1 },
  });
  expect((await plan('missing', 0, 4)).planned).toEqual([]);
});

test('a partition whose own code or whose input changed is stale, told so, and remade', async () => {
  await stack.warehouse.sql`
    update hourloom.materialization
    set code_version = sha256('another code')
    where asset = ${daily.asset}
      and partition = ${new Date(dayAt(0))}
  `;
  await stack.feed(makeReadings(dayAt(1) + 3_600_000, { files: 1, lines: 2 }));
  await stack.run(dayAt(1) + 3_600_000, { announce: false });
  expect((await plan('stale', 0, 4)).planned).toMatchObject([
    { from: 0, to: 1, reason: 'code_changed', why: `Its code changed since it was made: ${daily.asset}.` },
    { from: 1, to: 2, reason: 'input_changed', why: 'Its input changed since it was made.' },
  ]);
  expect(await backfill('stale-days', 'stale', 0, 4)).toMatchObject({ total: 2, made: 2, derived: { made: 1 } });
  expect(await readDays()).toEqual([5, 9, 9]);
  expect(await readTotal()).toBe(23);
  expect((await plan('stale', 0, 4)).planned).toEqual([]);
});

test('a failed partition is computed again though the ledger has it, and is failed no more', async () => {
  const failure = { reason: 'It was away.', retryable: true };
  await recordFailure(stack.warehouse, derivedPartition(daily.asset, dayAt(3)), failure);
  expect((await plan('failed', 0, 4)).planned).toMatchObject([{ from: 3, to: 4, reason: 'failed' }]);
  expect(await backfill('failed-days', 'failed', 0, 4)).toMatchObject({ total: 1, made: 1 });
  expect((await plan('failed', 0, 4)).planned).toEqual([]);
});

test('all computes every partition again that can be, and what was wiped is missing', async () => {
  expect(await backfill('all-days', 'all', 0, 4)).toMatchObject({ total: 3, made: 3, unchanged: 0 });
  const within = { start: dayAt(0), end: dayAt(1) };
  for await (const _ of wipe(stack.warehouse, { asset: daily.asset, table: daily.table, within }));
  expect(await readDays()).toEqual([9, 9]);
  expect(await backfill('wiped-days', 'missing', 0, 4)).toMatchObject({ total: 1, made: 1 });
  expect(await readDays()).toEqual([5, 9, 9]);
});

test('a whole asset is one partition', async () => {
  const within = { start: WHOLE_START, end: WHOLE_START + 1 };
  for await (const _ of wipe(stack.warehouse, { asset: total.asset, table: total.table, within }));
  expect(await readTotal()).toBeUndefined();
  const request = { id: 'whole', asked: { ...WHOLE, only: 'missing', order: 'oldest', width: 4 } } as const;
  const { pipeline } = derivedPartition(total.asset, WHOLE_START);
  await requestBackfill(stack.client, { pipeline, taskQueue: stack.taskQueue, request });
  expect(await waitForBackfill(stack.client, 'whole')).toMatchObject({ total: 1, made: 1, derived: { total: 0 } });
  expect(await readTotal()).toBe(23);
});

test('a second one over the same partitions takes only the others', async () => {
  held = await holdLoads(stack, 'derived_target', 'daily_count');
  await request('day-one', 'all', 0, 2);
  await waitFor('it has begun', async () => (await readBackfillProgress(stack.client, 'day-one'))?.open === 2);
  expect(await backfillUntil('day-other', 'all', 0, 4, ({ open }) => open === 1)).toMatchObject({ total: 1 });
  await held.release();
  held = undefined;
  expect(await waitForBackfill(stack.client, 'day-one')).toMatchObject({ total: 2, made: 2 });
  expect(await waitForBackfill(stack.client, 'day-other')).toMatchObject({ total: 1, made: 1 });
});

async function request(id: string, only: BackfillOnly, from: number, to: number): Promise<void> {
  const first = windowIndex(daily.window!, dayAt(0));
  const asked = { from: first + from, to: first + to, only, order: 'oldest', width: 4 } as const;
  const { pipeline } = derivedPartition(daily.asset, WHOLE_START);
  await requestBackfill(stack.client, { pipeline, taskQueue: stack.taskQueue, request: { id, asked } });
}

/** Of the days, and to its end. */
async function backfill(id: string, only: BackfillOnly, from: number, to: number): Promise<BackfillProgress> {
  await request(id, only, from, to);
  return waitForBackfill(stack.client, id);
}

async function backfillUntil(
  id: string,
  only: BackfillOnly,
  from: number,
  to: number,
  is: (progress: BackfillProgress) => boolean,
): Promise<BackfillProgress> {
  await request(id, only, from, to);
  return waitFor(`${id} is so far`, async () => {
    const progress = await readBackfillProgress(stack.client, id);
    return progress && is(progress) ? progress : undefined;
  });
}

/** What a dry run shows of the days, counted from the first. */
async function plan(only: BackfillOnly, from: number, to: number) {
  const graph = buildGraph([spec], [daily, total]);
  const target = findTarget(graph, derivedPartition(daily.asset, WHOLE_START).pipeline)!;
  const first = windowIndex(daily.window!, dayAt(0));
  const ranges = [{ from: first + from, to: first + to }];
  const { planned, lacking } = await planTarget(stack.warehouse.sql, graph, target, { ranges, only, now: Date.now() });
  const fromFirst = <T extends { from: number; to: number }>(range: T): T => ({
    ...range,
    from: range.from - first,
    to: range.to - first,
  });
  return { planned: planned.map(fromFirst), lacking: lacking.map(fromFirst) };
}

async function readDays(): Promise<readonly number[]> {
  const rows = await stack.warehouse.sql<{ readings: number }[]>`
    select readings from derived_target.daily_count order by readings
  `;
  return rows.map(({ readings }) => readings);
}

async function readTotal(): Promise<number | undefined> {
  const [row] = await stack.warehouse.sql<{ readings: number }[]>`select readings from derived_target.total`;
  return row?.readings;
}
