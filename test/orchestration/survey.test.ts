import { afterAll, beforeAll, expect, test } from 'vitest';
import { pauseSchedule } from '../../client/pause-schedule.ts';
import { resumeSchedule } from '../../client/resume-schedule.ts';
import { emptyTally } from '../../model/survey.ts';
import { RECONCILE_WORKFLOW_TYPE } from '../../model/workflow-id.ts';
import { noteSurvey } from '../../warehouse/note-survey.ts';
import { readSurveys } from '../../warehouse/read-surveys.ts';
import { ensureSchedule } from '../../worker/ensure-schedule.ts';
import { definitionOf, openStack } from '../hour/open-stack.ts';
import type { Stack } from '../hour/open-stack.ts';
import { makeReadings, makeTelemetry } from '../hour/telemetry.ts';

const telemetry = makeTelemetry('surveyed');
const { spec } = definitionOf(telemetry);
const HOUR = Date.parse('2026-02-01T00:00:00Z');
const DAY_MS = 86_400_000;

let stack: Stack;
beforeAll(async () => {
  stack = await openStack(telemetry);
  await ensureSchedule(stack.client, spec, stack.taskQueue);
  await stack.feed([
    ...makeReadings(HOUR, { files: 2, lines: 1 }),
    { key: 'in/notes.txt', body: '' },
    { key: 'in/2026-02-30-00-1.json', body: '' },
    { key: 'in/2025-12-31-23-1.json', body: '' },
    { key: 'elsewhere/other.json', body: '' },
  ]);
});
afterAll(async () => {
  await stack.client.schedule.getHandle('hour/surveyed').delete();
  await stack.close();
});

test('a paused pipeline is not surveyed', async () => {
  await pauseSchedule(stack.client, spec, 'for the test');
  await pass();
  expect(await read()).toEqual({ whole: undefined, open: undefined });
  await resumeSchedule(stack.client, spec, 'again');
});

test('a pass of reconcile finds what belongs to no window, and the next one leaves that for a day', async () => {
  await pass();
  const { whole, open } = await read();
  expect(open).toBeUndefined();
  expect(whole?.tally).toMatchObject({
    objects: 5,
    strays: {
      key: { count: 1, latest: [{ key: 'in/2026-02-30-00-1.json' }] },
      pattern: { count: 1, latest: [{ key: 'in/notes.txt' }] },
      before_first: { count: 1, latest: [{ key: 'in/2025-12-31-23-1.json' }] },
      marker: { count: 0, latest: [] },
    },
  });
  await pass();
  expect(await read()).toEqual({ whole, open });
});

test('a day later it begins anew, goes on where the pass before left off, and shows the last until it is whole', async () => {
  const { whole } = await read();
  await noteSurvey(stack.warehouse, spec.name, { ...whole!, beganAt: Date.now() - DAY_MS });
  // As a pass leaves it whose part was at its end.
  const tally = { ...emptyTally(), objects: 2 };
  const part = { beganAt: Date.now() - 60_000, after: 'in/2026-02-01-00-0.json', tally };
  await noteSurvey(stack.warehouse, spec.name, part);
  expect(await read()).toMatchObject({ whole: { tally: { objects: 5 } }, open: part });

  await pass();
  const after = await read();
  expect(after).toMatchObject({ open: undefined, whole: { beganAt: part.beganAt, tally: { objects: 2 + 3 } } });
  expect(after.whole?.tally.strays).toMatchObject({
    pattern: { count: 1 },
    key: { count: 1 },
    before_first: { count: 0 },
  });
});

test('a name that no text of the warehouse can hold is put on record all the same', async () => {
  const stray = { key: 'in/a\0b', size: 1, writtenAt: HOUR };
  const tally = { ...emptyTally(), strays: { ...emptyTally().strays, key: { count: 1, latest: [stray] } } };
  await noteSurvey(stack.warehouse, spec.name, { beganAt: HOUR, after: 'in/a\0b', tally });
  expect(await read()).toMatchObject({
    open: { after: 'in/a\0b', tally: { strays: { key: { latest: [{ key: 'in/a\uFFFDb' }] } } } },
  });
});

function read() {
  return readSurveys(stack.warehouse.sql, spec.name);
}

/** One pass of reconcile, as its schedule would start it. */
async function pass(): Promise<void> {
  await stack.client.workflow.execute(RECONCILE_WORKFLOW_TYPE, {
    taskQueue: stack.taskQueue,
    workflowId: 'reconcile/surveyed',
    args: [{ pipeline: spec.name }],
  });
}
