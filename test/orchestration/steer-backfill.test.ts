import { CreateBucketCommand, DeleteBucketCommand } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { readBackfillProgress } from '../../client/read-backfill-progress.ts';
import {
  cancelBackfill,
  pauseBackfill,
  resumeBackfill,
  retryBackfill,
  setBackfillWidth,
} from '../../client/steer-backfill.ts';
import { waitForBackfill } from '../../client/wait-for-backfill.ts';
import { findPipeline } from '../../define/index.ts';
import type { BackfillProgress } from '../../model/backfill.ts';
import { readBackfill } from '../../warehouse/read-backfill.ts';
import { deleteObjects } from '../hour/delete-objects.ts';
import { openStack } from '../hour/open-stack.ts';
import type { Stack } from '../hour/open-stack.ts';
import { makeReadings, makeTelemetry } from '../hour/telemetry.ts';
import { waitFor } from '../support/wait-for.ts';
import { holdLoads } from './hold-loads.ts';
import type { HeldLoads } from './hold-loads.ts';
import { requestHours } from './request-hours.ts';

const telemetry = makeTelemetry('steered');
const { spec } = findPipeline(telemetry)!;
/** Each test has a day of its own. */
const dayAt = (day: number): number => Date.parse('2026-04-01T00:00:00Z') + day * 86_400_000;
const WITHIN_MS = 2_000;

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

test('width, pause, resume and cancel act at once, and the counts are the ledger’s', async () => {
  const files = (hours: number) => (_: unknown, hour: number) =>
    makeReadings(dayAt(0) + (hours + hour) * 3_600_000, { files: 1, lines: 2 });
  await stack.feed(Array.from({ length: 20 }, files(0)).flat());
  held = await holdLoads(stack, 'steered', 'readings');
  await requestHours(stack, spec, { id: 'steered', from: dayAt(0), count: 20, width: 3 });
  expect(await reach('steered', ({ open }) => open === 3)).toMatchObject({ state: 'running', total: 20, done: 0 });

  await setBackfillWidth(stack.client, 'steered', 5);
  expect(await reach('steered', ({ open }) => open === 5, WITHIN_MS)).toMatchObject({ width: 5, done: 0 });

  await pauseBackfill(stack.client, 'steered');
  await reach('steered', ({ state }) => state === 'paused', WITHIN_MS);
  await release();
  expect(await reach('steered', ({ open }) => open === 0)).toMatchObject({ state: 'paused', done: 5, made: 5 });
  expect(await countMade(0)).toBe(5);
  expect((await readBackfill(stack.warehouse.sql, 'steered'))?.state).toBe('paused');

  held = await holdLoads(stack, 'steered', 'readings');
  await resumeBackfill(stack.client, 'steered');
  expect(await reach('steered', ({ open }) => open === 5, WITHIN_MS)).toMatchObject({ state: 'running', done: 5 });

  await cancelBackfill(stack.client, 'steered');
  expect(await reach('steered', ({ state }) => state === 'cancelled', WITHIN_MS)).toMatchObject({ failed: 0 });
  expect(await waitForBackfill(stack.client, 'steered')).toMatchObject({ state: 'cancelled', done: 5, open: 0 });
  await release();
  expect(await countMade(0)).toBe(5);
  expect(await readBackfill(stack.warehouse.sql, 'steered')).toMatchObject({ state: 'cancelled', counts: { made: 5 } });
  expect(await stack.warehouse.sql`select count(*) from hourloom.last_failure`).toEqual([{ count: 0 }]);
});

test('a retry makes what failed again, before the others have ended', async () => {
  const [first, second] = [0, 1].map((hour) => makeReadings(dayAt(1) + hour * 3_600_000, { files: 1, lines: 2 }));
  await stack.feed([...first!, ...second!]);
  held = await holdLoads(stack, 'steered', 'readings');
  await requestHours(stack, spec, { id: 'retried', from: dayAt(1), count: 8, width: 2 });
  await waitFor('two hours are about to be loaded', async () => (await countLoading(1)) === 2);

  await emptySource();
  await stack.lake.s3.send(new DeleteBucketCommand({ Bucket: 'steered' }));
  await setBackfillWidth(stack.client, 'retried', 20);
  const failed = await reach('retried', (progress) => progress.failed === 6);
  expect(failed).toMatchObject({ state: 'running', open: 2, done: 6, made: 0 });
  expect(failed.failures.map(({ partition }) => partition).sort()).toEqual(
    [2, 3, 4, 5, 6, 7].map((hour) => `2026-04-02T0${hour}`),
  );
  expect(failed.failures[0]?.reason).toContain('There is no source bucket "steered"');

  await stack.lake.s3.send(new CreateBucketCommand({ Bucket: 'steered' }));
  await retryBackfill(stack.client, 'retried');
  expect(await reach('retried', ({ failed }) => failed === 0, WITHIN_MS)).toMatchObject({ failures: [] });
  await reach('retried', ({ made }) => made === 6);
  await release();
  expect(await waitForBackfill(stack.client, 'retried')).toMatchObject({ state: 'done', done: 8, made: 8, failed: 0 });
  expect(await countMade(1)).toBe(8);
});

test('an overlapping backfill takes only what the other has not', async () => {
  await stack.feed(makeReadings(dayAt(2), { files: 1, lines: 2 }));
  held = await holdLoads(stack, 'steered', 'readings');
  await requestHours(stack, spec, { id: 'one', from: dayAt(2), count: 6, width: 1 });
  await reach('one', ({ open }) => open === 1);
  await requestHours(stack, spec, { id: 'other', from: dayAt(2), count: 10, width: 2 });
  expect(await waitForBackfill(stack.client, 'other')).toMatchObject({ total: 4, made: 4, unchanged: 0 });
  await release();
  expect(await waitForBackfill(stack.client, 'one')).toMatchObject({ total: 6, made: 6, unchanged: 0 });
  expect(await countMade(2)).toBe(10);
});

test('an hour that somebody else makes is waited for, and not made twice', async () => {
  await stack.feed(makeReadings(dayAt(3), { files: 1, lines: 2 }));
  held = await holdLoads(stack, 'steered', 'readings');
  const { handle } = await stack.start(dayAt(3));
  await requestHours(stack, spec, { id: 'waiting', from: dayAt(3), count: 3 });
  expect(await reach('waiting', ({ done }) => done === 2)).toMatchObject({ made: 2, open: 1 });
  await release();
  expect((await handle.result()).outcome).toBe('made');
  expect(await waitForBackfill(stack.client, 'waiting')).toMatchObject({ made: 2, unchanged: 1, failed: 0 });
  const loads = await stack.warehouse.sql`
    select count(*) from hourloom.materialization where asset = 'steered/readings' and partition = ${new Date(dayAt(3))}
  `;
  expect(loads).toEqual([{ count: 1 }]);
});

test('a backfill that is terminated leaves its open hours to end, and what it had to others', async () => {
  await stack.feed(makeReadings(dayAt(4), { files: 1, lines: 2 }));
  held = await holdLoads(stack, 'steered', 'readings');
  await requestHours(stack, spec, { id: 'ended', from: dayAt(4), count: 4, width: 1 });
  await waitFor('an hour is about to be loaded', async () => (await countLoading(4)) === 1);
  await stack.client.workflow.getHandle('backfill/ended').terminate('for the test');
  await release();
  await waitFor('the open hour ends by itself', async () => (await countMade(4)) === 1);

  await requestHours(stack, spec, { id: 'after', from: dayAt(4), count: 4 });
  expect(await waitForBackfill(stack.client, 'after')).toMatchObject({ total: 3, made: 3 });
  expect((await readBackfill(stack.warehouse.sql, 'ended'))?.state).toBe('failed');
});

test('a live hour does not wait behind a backfill whose hours take long', async () => {
  const hours = Array.from({ length: 24 }, (_, hour) => dayAt(5) + hour * 3_600_000);
  await stack.feed(hours.flatMap((start) => makeReadings(start, { files: 1, lines: 2 })));
  held = await holdLoads(stack, 'steered', 'readings');
  await requestHours(stack, spec, { id: 'slow', from: dayAt(5), count: 24, width: 24 });
  await waitFor('every place of the backfill is taken', async () => (await countLoading(5)) === 8);

  const { handle } = await stack.start(dayAt(6));
  expect(await handle.result()).toMatchObject({ outcome: 'made', data: 'empty' });
  const { events } = await stack.client.workflow.getHandle(handle.workflowId).fetchHistory();
  const [begun, first] = [events?.[0], events?.find((event) => event.activityTaskStartedEventAttributes)];
  expect(Number(first?.eventTime?.seconds) - Number(begun?.eventTime?.seconds)).toBeLessThanOrEqual(2);
  expect(await readBackfillProgress(stack.client, 'slow')).toMatchObject({ done: 0, open: 24 });
  await cancelBackfill(stack.client, 'slow');
  await release();
  await waitForBackfill(stack.client, 'slow');
});

async function release(): Promise<void> {
  await held?.release();
  held = undefined;
}

async function reach(
  id: string,
  is: (progress: BackfillProgress) => boolean,
  withinMs?: number,
): Promise<BackfillProgress> {
  let last: BackfillProgress | undefined;
  try {
    return await waitFor(
      `backfill ${id} is so far`,
      async () => {
        last = await readBackfillProgress(stack.client, id);
        return last && is(last) ? last : undefined;
      },
      withinMs,
    );
  } catch (error) {
    throw new Error(`It is ${JSON.stringify(last)}`, { cause: error });
  }
}

async function countMade(day: number): Promise<number> {
  const [row] = await stack.warehouse.sql<[{ count: number }]>`
    select count(*)
    from hourloom.materialization
    where asset = 'steered/readings'
      and visible
      and partition >= ${new Date(dayAt(day))}
      and partition < ${new Date(dayAt(day + 1))}
  `;
  return row.count;
}

/** How many sessions wait for the lock that the test holds. */
/** How many hours of a day wait to be loaded; those of other days, which were given up, may be there still. */
async function countLoading(day: number): Promise<number> {
  const [row] = await stack.warehouse.sql<[{ count: number }]>`
    select count(*)
    from pg_locks
    join pg_stat_activity using (pid)
    where not granted
      and relation = 'steered.readings'::regclass
      and application_name like ${`hourloom load steered ${new Date(dayAt(day)).toISOString().slice(0, 10)}T%`}
  `;
  return row.count;
}

async function emptySource(): Promise<void> {
  const { ListObjectsV2Command } = await import('@aws-sdk/client-s3');
  const { Contents = [] } = await stack.lake.s3.send(new ListObjectsV2Command({ Bucket: 'steered' }));
  await deleteObjects(
    stack,
    'steered',
    Contents.flatMap(({ Key }) => Key ?? []),
  );
}
