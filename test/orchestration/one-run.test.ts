import { ScheduleOverlapPolicy } from '@temporalio/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createStarter } from '../../client/create-starter.ts';
import { waitForBackfill } from '../../client/wait-for-backfill.ts';
import { findPipeline } from '../../define/index.ts';
import { hourWorkflowId } from '../../model/workflow-id.ts';
import { ensureSchedule } from '../../worker/ensure-schedule.ts';
import { openStack } from '../hour/open-stack.ts';
import type { Stack } from '../hour/open-stack.ts';
import { makeReadings, makeTelemetry } from '../hour/telemetry.ts';
import { waitFor } from '../support/wait-for.ts';
import { holdLoads } from './hold-loads.ts';
import { requestHours } from './request-hours.ts';

const telemetry = makeTelemetry('one_run');
const { spec } = findPipeline(telemetry)!;
const HOUR = Date.parse('2026-05-01T07:00:00Z');

let stack: Stack;
beforeAll(async () => {
  stack = await openStack(telemetry);
});
afterAll(async () => {
  await stack.client.schedule.getHandle('hour/one_run').delete();
  await stack.close();
});

test('schedule, command, backfill and reconcile that start an hour at once make one run of it', async () => {
  await stack.feed(makeReadings(HOUR, { files: 1, lines: 3 }));
  const held = await holdLoads(stack, 'one_run', 'readings');
  await ensureSchedule(stack.client, spec, stack.taskQueue);
  const tick = stack.client.schedule.getHandle('hour/one_run').backfill({
    start: new Date(HOUR - 1),
    end: new Date(HOUR),
    overlap: ScheduleOverlapPolicy.ALLOW_ALL,
  });
  const reconciled = createStarter(stack.client, stack.taskQueue).startHour(
    spec.window,
    { pipeline: spec.name, start: HOUR },
    { backfill: true },
  );
  const [started] = await Promise.all([
    stack.start(HOUR),
    tick,
    reconciled,
    requestHours(stack, spec, { id: 'one-run', from: HOUR, count: 1 }),
  ]);
  const waited = waitForBackfill(stack.client, 'one-run');
  await waitFor('the backfill has met the open run', async () => {
    const backfill = stack.client.workflow.getHandle('backfill/one-run');
    const history = await backfill.fetchHistory().catch(() => undefined);
    return history?.events?.some(
      (event) =>
        event.startChildWorkflowExecutionFailedEventAttributes ?? event.childWorkflowExecutionStartedEventAttributes,
    );
  });
  await held.release();
  expect(await started.handle.result()).toMatchObject({ rows: { 'one_run/readings': 3 } });
  expect(await waited).toMatchObject({ total: 1, done: 1, failed: 0 });

  const id = hourWorkflowId(spec.window, { pipeline: spec.name, start: HOUR });
  const { count } = await stack.client.workflow.count(`WorkflowId = "${id}"`);
  expect(count).toBe(1);
  const loads = await stack.warehouse.sql`
    select count(*) from hourloom.materialization where asset = 'one_run/readings'
  `;
  expect(loads).toEqual([{ count: 1 }]);
});
