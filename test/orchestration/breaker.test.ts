import { DeleteBucketCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readSchedule } from '../../client/read-schedule.ts';
import { findPipeline } from '../../define/index.ts';
import { ensureSchedule } from '../../worker/ensure-schedule.ts';
import { openStack } from '../hour/open-stack.ts';
import type { Stack } from '../hour/open-stack.ts';
import { makeTelemetry } from '../hour/telemetry.ts';

const telemetry = makeTelemetry('breaking');
const { spec } = findPipeline(telemetry)!;
const hourAt = (index: number): number => Date.parse('2026-06-01T00:00:00Z') + index * 3_600_000;

let stack: Stack;
beforeAll(async () => {
  stack = await openStack(telemetry);
  await ensureSchedule(stack.client, spec, stack.taskQueue);
});
afterAll(async () => {
  await stack.client.schedule.getHandle('hour/breaking').delete();
  await stack.close();
});

test('the fifth of the newest hours that fail in a row pauses the pipeline, and says why', async () => {
  await stack.run(hourAt(0));
  await stack.lake.s3.send(new DeleteBucketCommand({ Bucket: 'breaking' }));
  // Those of a backfill are its own matter.
  for (const index of [1, 2])
    await expect(stack.run(hourAt(index), { backfill: true })).rejects.toThrow('Workflow execution failed');
  for (const index of [3, 4]) await expect(stack.run(hourAt(index))).rejects.toThrow('Workflow execution failed');
  expect(await readSchedule(stack.client, spec)).toMatchObject({ paused: false });

  await expect(stack.run(hourAt(5))).rejects.toThrow('Workflow execution failed');
  expect(await readSchedule(stack.client, spec)).toMatchObject({
    paused: true,
    note: expect.stringMatching(
      /^Paused by Hourloom: the newest 5 windows failed in a row, the last with: There is no source bucket "breaking"/u,
    ) as string,
  });
});
