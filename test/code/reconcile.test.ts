import { afterAll, beforeAll, expect, test } from 'vitest';
import { findHoursToStart } from '../../activities/reconcile/find-hours-to-start.ts';
import { findPipeline, giveUp } from '../../define/index.ts';
import type { PipelineSpec } from '../../model/pipeline-spec.ts';
import { HOUR, hourAt, openMeasures } from './open-measures.ts';

let opened: Awaited<ReturnType<typeof openMeasures>>;
beforeAll(async () => {
  opened = await openMeasures('found_code_test');
});
afterAll(() => opened.stack.close());

test('reconcile makes hours of a function that are missing, failed or by another version, and asks it nothing', async () => {
  const { stack, behaviour, measures } = opened;
  const { spec } = findPipeline(measures)!;
  const now = hourAt(5);
  const find = (of: PipelineSpec, at = now) => findHoursToStart(stack, of, { promisedFrom: HOUR, now: at });
  // The last hour is not settled.
  expect(await find(spec)).toEqual([hourAt(3), hourAt(2), hourAt(1), hourAt(0)]);

  for (const index of [0, 1, 2]) await stack.run(hourAt(index));
  expect(await find(spec)).toEqual([hourAt(3)]);

  behaviour.behave = () => giveUp('closed');
  await expect(stack.run(hourAt(3))).rejects.toThrow('Workflow execution failed');
  await stack.warehouse.sql`update hourloom.last_failure set failed_at = ${new Date(HOUR)}`;
  // What was given up waits for another version.
  expect(await find(spec)).toEqual([]);
  const raised = { ...spec, events: { ...spec.events, codeVersion: '0'.repeat(64) } };
  expect(await find(raised)).toEqual([hourAt(3), hourAt(2), hourAt(1), hourAt(0)]);

  await stack.warehouse.sql`update hourloom.last_failure set retryable = true`;
  expect(await find(spec)).toEqual([hourAt(3)]);
});
