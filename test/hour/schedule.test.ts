import * as v from 'valibot';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { every, findPipeline, key, pipeline, s3Files, table, timestamp } from '../../define/index.ts';
import { windowOf } from '../../model/window.ts';
import { startSchedules } from '../../worker/start-schedules.ts';
import { waitFor } from '../support/wait-for.ts';
import { openStack } from './open-stack.ts';
import type { Stack } from './open-stack.ts';

const ticks = pipeline('ticks', {
  source: s3Files('s3://ticks/in/{yyyy}-{MM}-{dd}T{HH}-{mm}-{ss}.json'),
  window: every('10 seconds', '2026-01-01T00:00:00'),
  settle: '0 seconds',
  tables: { ticks: table(v.object({ id: v.string(), at: timestamp() }), ({ id, at }) => ({ id: key(id), at })) },
});
const { spec } = findPipeline(ticks)!;

let stack: Stack;
beforeAll(async () => {
  stack = await openStack(ticks);
});
afterAll(async () => {
  await stack.client.schedule.getHandle('every/ticks').delete();
  await stack.client.schedule.getHandle('reconcile/ticks').delete();
  await stack.close();
});

/** What is asked of the present window must reach the server before that ends. */
const LEFT_MS = 5_000;

test('a schedule starts each window at its start, under the id that everybody uses, and the present one at once', async () => {
  const begun = await waitForRoom();
  await startSchedules(stack.client, [spec], { taskQueue: stack.taskQueue, now: begun });
  const present = windowOf(spec.window, begun);
  const next = windowOf(spec.window, present.end);

  const waiting = stack.client.workflow.getHandle(idOf(present.start));
  const { startTime } = await waiting.describe();
  expect(startTime.getTime()).toBeLessThan(present.end);
  expect(await waiting.result()).toMatchObject({ outcome: 'made', data: 'empty' });

  const scheduled = await waitFor(
    'the schedule ticks',
    () =>
      stack.client.workflow
        .getHandle(idOf(next.start))
        .describe()
        .catch(() => undefined),
    25_000,
  );
  expect(scheduled.startTime.getTime()).toBeGreaterThanOrEqual(next.start);
  expect(scheduled.startTime.getTime()).toBeLessThan(next.end);
});

test('a run that is open is asked to go once more by a forced start', async () => {
  const { start } = windowOf(spec.window, await waitForRoom());
  const first = await stack.start(start);
  const second = await stack.start(start, { force: true });
  expect(second.joined).toBe(true);
  expect(await second.handle.result()).toMatchObject({ outcome: 'made' });
  const { events } = await stack.client.workflow.getHandle(first.handle.workflowId).fetchHistory();
  const steps = events?.map((event) => event.activityTaskScheduledEventAttributes?.activityType?.name).filter(Boolean);
  expect(steps?.slice(-8)).toEqual(['extract', 'merge', 'transform', 'load', 'extract', 'merge', 'transform', 'load']);
});

test('a worker that starts again updates the schedule and joins the present window', async () => {
  const now = Date.now();
  await startSchedules(stack.client, [spec], { taskQueue: stack.taskQueue, now });
  await startSchedules(stack.client, [{ ...spec, window: { ...spec.window } }], { taskQueue: stack.taskQueue, now });
  const { policies, action, state } = await stack.client.schedule.getHandle('every/ticks').describe();
  expect(policies).toMatchObject({ overlap: 'ALLOW_ALL', catchupWindow: 7 * 24 * 3_600_000 });
  expect(action).toMatchObject({ workflowType: 'hour', workflowId: 'every/ticks', taskQueue: stack.taskQueue });
  expect(state.paused).toBe(false);
});

/** This moment, or the next one at which the present window has a good while to go. */
function waitForRoom(): Promise<number> {
  return waitFor('the present window has a good while to go', () => {
    const now = Date.now();
    return windowOf(spec.window, now).end - now >= LEFT_MS && now;
  });
}

function idOf(start: number): string {
  return `every/ticks-${new Date(start).toISOString().slice(0, 19)}Z`;
}

test('windows of another length are the same schedule, changed; of another unit they are another, and the former goes', async () => {
  const { client, taskQueue } = stack;
  const idsOf = async () => {
    const found: string[] = [];
    for await (const { scheduleId } of client.schedule.list())
      if (scheduleId.endsWith('/ticks')) found.push(scheduleId);
    return found.sort();
  };
  const startWith = (window: typeof spec.window) =>
    startSchedules(client, [{ ...spec, window }], { taskQueue, now: Date.now() });
  await startWith({ ...spec.window, unit: 'every', ms: 3_600_000 * 6 });
  const { spec: changed } = await client.schedule.getHandle('every/ticks').describe();
  expect(changed.intervals?.map(({ every: ms }) => ms)).toEqual([3_600_000 * 6]);
  expect(await idsOf()).toEqual(['every/ticks', 'reconcile/ticks']);

  await startWith({ first: spec.window.first, unit: 'day' });
  await waitFor('the former is gone from the list', async () => !(await idsOf()).includes('every/ticks'));
  await startWith(spec.window);
  await waitFor('so is the other', async () => (await idsOf()).join() === 'every/ticks,reconcile/ticks');
});
