import { afterAll, beforeAll, expect, test } from 'vitest';
import { listObjects } from '../../lake/list-objects.ts';
import { readLog } from '../../lake/read-log.ts';
import type { PipelineName } from '../../model/asset-key.ts';
import { readAttemptNotes } from '../../warehouse/read-attempt-notes.ts';
import { afterPut } from '../hour/after-put.ts';
import { deleteObjects } from '../hour/delete-objects.ts';
import { openStack } from '../hour/open-stack.ts';
import type { Stack } from '../hour/open-stack.ts';
import { makeReadings, makeTelemetry } from '../hour/telemetry.ts';

const HOUR = Date.parse('2026-02-03T04:00:00Z');
const pipeline = 'run_log_test' as PipelineName;

let stack: Stack;
beforeAll(async () => {
  stack = await openStack(makeTelemetry(pipeline));
  await stack.feed(makeReadings(HOUR, { files: 2, lines: 3 }));
});
afterAll(() => stack.close());

test('an hour that goes well says nothing, and costs nothing for it', async () => {
  await stack.run(HOUR);
  expect(await readAttemptNotes(stack.warehouse.sql, { pipeline, start: HOUR })).toEqual([]);
  expect(await listKeys('logs/')).toEqual([]);
});

test('a run that fails leaves what its steps said, under the fence that it held', async () => {
  afterPut(stack, 'raw/', async () => deleteObjects(stack, stack.lakeBucket, await listKeys('raw/')));
  await expect(stack.run(HOUR, { force: true })).rejects.toThrow('Workflow execution failed');

  const [fence] = await stack.warehouse.sql<{ fence: number }[]>`select fence from hourloom.fence`;
  const [note, ...others] = await readAttemptNotes(stack.warehouse.sql, { pipeline, start: HOUR });
  expect(others).toEqual([]);
  expect(note).toMatchObject({ step: 'run', failed: true, loadId: fence!.fence, meta: undefined });
  expect((await readLog(stack.lake, note!.log!)).map(({ text }) => text)).toEqual([
    'extract: 2 files listed',
    expect.stringMatching(/^merge: 2 files, 0 rejected, \d+ bytes$/u),
    expect.stringMatching(/^The run failed: The lake's object "raw\/run_log_test\/.*" is not there\./u),
  ]);
  expect(await listKeys('logs/')).toEqual([note!.log!.key]);
});

async function listKeys(prefix: string): Promise<readonly string[]> {
  const { lake, lakeBucket } = stack;
  const keys: string[] = [];
  const request = { use: { bucket: lakeBucket, role: 'lake' }, prefix } as const;
  for await (const { key } of listObjects(lake, request)) keys.push(key);
  return keys;
}
