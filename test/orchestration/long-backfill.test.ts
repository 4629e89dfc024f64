import { afterEach, beforeEach, expect, test } from 'vitest';
import { readBackfillProgress } from '../../client/read-backfill-progress.ts';
import { requestBackfill } from '../../client/request-backfill.ts';
import { waitForBackfill } from '../../client/wait-for-backfill.ts';
import type { BackfillBounds } from '../../model/backfill.ts';
import { windowIndex } from '../../model/window.ts';
import type { WindowSpec } from '../../model/window.ts';
import { hourWorkflowId } from '../../model/workflow-id.ts';
import { readBackfill } from '../../warehouse/read-backfill.ts';
import { definitionOf, openStack } from '../hour/open-stack.ts';
import type { Stack } from '../hour/open-stack.ts';
import { makeReadings, makeTelemetry } from '../hour/telemetry.ts';
import { waitFor } from '../support/wait-for.ts';
import { holdLoads } from './hold-loads.ts';

const HOUR = Date.parse('2026-05-01T00:00:00Z');
const TENS: WindowSpec = { unit: 'every', ms: 10_000, first: HOUR };
/** The most that one run which is begun and ends adds to a history; (4,096 - 2,000) / 200 is 10. */
const EVENTS_OF_ONE = 10;

let stack: Stack;
let telemetry: ReturnType<typeof makeTelemetry>;
let named = 0;
beforeEach(async () => {
  named += 1;
  telemetry = makeTelemetry(`long_${named}`, named === 1 ? undefined : TENS);
  stack = await openStack(telemetry);
});
afterEach(() => stack.close());

test('a run that hangs beyond the bound is counted as failed and passed over, and ends by itself', async () => {
  const { spec } = definitionOf(telemetry);
  await stack.feed(makeReadings(HOUR, { files: 1, lines: 2 }));
  const held = await holdLoads(stack, spec.name, 'readings');
  await request('hanging', 3, { patienceMs: 1_500 });
  // One place: the others must wait until it is free.
  expect(await waitForBackfill(stack.client, 'hanging')).toMatchObject({
    ...{ state: 'done', total: 3, done: 3, made: 2, failed: 1, open: 0 },
    failures: [
      { partition: '2026-05-01T00', reason: 'Still open after 1.5 seconds. It goes on by itself; look at its run.' },
    ],
  });
  expect(await readBackfill(stack.warehouse.sql, 'hanging')).toMatchObject({ state: 'done', counts: { failed: 1 } });
  await held.release();
  const hour = stack.client.workflow.getHandle(hourWorkflowId(spec.window, { pipeline: spec.name, start: HOUR }));
  expect(await hour.result()).toMatchObject({ outcome: 'made', rows: { 'long_1/readings': 2 } });
});

test('a long backfill goes on in a new history, and its counts are whole', { timeout: 120_000 }, async () => {
  const [width, maxEvents] = [8, 120];
  await request('long', 60, { maxEvents }, width);
  expect(await waitForBackfill(stack.client, 'long')).toMatchObject({
    ...{ state: 'done', total: 60, done: 60, made: 60, failed: 0, open: 0 },
    derived: { total: 0 },
  });
  expect(await countMade()).toBe(60);
  const lengths = await readHistoryLengths('long', 2);
  // What is open when the bound is reached goes on to its end: by this, 2,000 events and 200 at once stay under 4,096.
  for (const length of lengths) expect(length).toBeLessThanOrEqual(maxEvents + width * EVENTS_OF_ONE);
});

test('what was asked of it while it went on is not lost', { timeout: 120_000 }, async () => {
  await request('long-steered', 40, { maxEvents: 40 }, 4);
  await waitFor('it runs', () => readBackfillProgress(stack.client, 'long-steered'));
  const handle = stack.client.workflow.getHandle('backfill/long-steered');
  const runs = new Set<string>();
  // Signals come to whichever run is open; some come while one gives way to the next.
  for (let width = 2; runs.size < 3; width = 5 - width) {
    await handle.signal('width', width);
    runs.add((await handle.describe()).runId);
  }
  await handle.signal('width', 7);
  expect(await waitForBackfill(stack.client, 'long-steered')).toMatchObject({ made: 40, failed: 0, width: 7 });
  expect(await countMade()).toBe(40);
});

async function request(id: string, count: number, bounds: BackfillBounds, width = 1): Promise<void> {
  const { spec } = definitionOf(telemetry);
  const from = windowIndex(spec.window, HOUR);
  const asked = { from, to: from + count, only: 'missing', order: 'oldest', width, ...bounds } as const;
  await requestBackfill(stack.client, { pipeline: spec.name, taskQueue: stack.taskQueue, request: { id, asked } });
}

async function countMade(): Promise<number> {
  const { spec } = definitionOf(telemetry);
  const [row] = await stack.warehouse.sql<[{ count: number }]>`
    select count(*) from hourloom.materialization where asset = ${`${spec.name}/readings`} and visible
  `;
  return row.count;
}

/** Of all runs that the backfill went through, as soon as the server lists so many. */
async function readHistoryLengths(id: string, least: number): Promise<readonly number[]> {
  return waitFor('its runs are listed', async () => {
    const lengths: number[] = [];
    for await (const run of stack.client.workflow.list({ query: `WorkflowId = "backfill/${id}"` })) {
      const handle = stack.client.workflow.getHandle(run.workflowId, run.runId);
      lengths.push((await handle.describe()).historyLength);
    }
    return lengths.length >= least ? lengths : undefined;
  });
}
