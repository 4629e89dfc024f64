import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Command } from '../../cli/command.ts';
import { statusOf } from '../../cli/commands/status-of.ts';
import { why } from '../../cli/commands/why.ts';
import { countStates, foldStates } from '../../cli/fold-states.ts';
import { readConfig } from '../../config/read-config.ts';
import { collectDefinitions } from '../../define/definitions.ts';
import { findPipeline, hourly } from '../../define/index.ts';
import { countWindows } from '../../model/index-ranges.ts';
import { describePartition } from '../../model/partition-state.ts';
import { watchedWindows } from '../../model/watched-windows.ts';
import { formatPartition, windowAt, windowIndex } from '../../model/window.ts';
import { RECONCILE_WORKFLOW_TYPE } from '../../model/workflow-id.ts';
import { ensureSchedule } from '../../worker/ensure-schedule.ts';
import type { reconcile, ReconcileResult } from '../../workflows/reconcile.ts';
import { openStack } from '../hour/open-stack.ts';
import type { Stack } from '../hour/open-stack.ts';
import { makeReadings } from '../hour/telemetry.ts';
import { services } from '../support/services.ts';
import { waitFor } from '../support/wait-for.ts';
import { makeDerivedTelemetry } from './derived-telemetry.ts';

/** Seven years and a half, which nobody made. The present hour comes after the last of them. */
const OLD = 65_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const PRESENT = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
const FIRST = PRESENT - OLD * HOUR_MS;
const nameOf = (start: number): string => formatPartition({ unit: 'hour' }, start);

const { telemetry, derived } = makeDerivedTelemetry('old_hours', hourly(nameOf(FIRST)));
const { spec } = findPipeline(telemetry)!;

const NEVER = { empty: 0, fresh: 0, stale: 0, waiting: 0, running: 0, failed: 0, late: 0, quarantined: 0 };
const MINUTE_MS = 60_000;

test('hours from before the promise are missing and never late, and reconcile looks after the newest only', () => {
  const [first, present] = [FIRST, PRESENT].map((at) => windowIndex(spec.window, at)) as [number, number];
  const now = PRESENT + 30 * MINUTE_MS;
  const promise = { promiseMs: 20 * MINUTE_MS, from: PRESENT };
  const { latenessMs, settleMs, window } = spec;
  const described = Array.from({ length: OLD }, (_, hour) =>
    describePartition({
      ...{ window, settleMs, start: windowAt(window, first + hour).start, watchedFrom: now - latenessMs },
      ...{ made: undefined, codeVersion: spec.events.codeVersion, input: 'unknown', openRun: undefined },
      ...{ lastFailure: undefined, promise, paused: undefined, now },
    }),
  );
  expect(new Set(described.map(({ data, attempt, marks }) => [data, attempt, ...marks].join()))).toEqual(
    new Set(['missing,idle']),
  );
  expect(new Set(described.map(({ why: { data } }) => data))).toEqual(
    new Set([`Never made, and not promised: promises begin with ${nameOf(PRESENT)}:00:00Z.`]),
  );

  const { listed, missed } = watchedWindows(spec, { promisedFrom: PRESENT, now });
  expect([countWindows([listed]), countWindows([missed])]).toEqual([latenessMs / HOUR_MS, 0]);

  // Five hours later those that came after the promise are late, and those alone.
  const none = { made: [], empty: [], quarantined: [], inputChanged: [], open: [], unsettled: [], failed: [] };
  const range = { from: first, to: present + 5 };
  const states = foldStates({
    ...none,
    range,
    codeVersion: spec.events.codeVersion,
    due: [{ from: present, to: 1e9 }],
  });
  expect(states.missing).toEqual([range]);
  expect(states.late).toEqual([{ from: present, to: present + 5 }]);
  expect(countStates(states)).toEqual({ ...NEVER, missing: OLD + 5, idle: OLD + 5, late: 5 });
});

let stack: Stack;
beforeAll(async () => {
  stack = await openStack(telemetry, { derived });
  await ensureSchedule(stack.client, spec, stack.taskQueue);
});
afterAll(async () => {
  await stack.client.schedule.getHandle('hour/old_hours').delete();
  await stack.close();
});

test('reconcile starts none of 65,000 hours that were never made; status and why call them missing, and not late', async () => {
  expect(await pass()).toEqual({ hours: 0, derived: 0 });
  expect(await readStatus('old_hours/readings')).toEqual({
    counts: { ...NEVER, missing: OLD, idle: OLD },
    ranges: [{ state: 'missing', from: nameOf(FIRST), to: nameOf(PRESENT), count: OLD }],
  });
  expect(await countStarted()).toBe(0);
});

test('two of them made, with nothing before and after, change that for none of the others', async () => {
  const made = FIRST + 30_000 * HOUR_MS;
  await stack.feed(makeReadings(made, { files: 1, lines: 3 }));
  await stack.run(made, { announce: false });
  await stack.run(made + HOUR_MS, { announce: false });

  expect(await pass()).toEqual({ hours: 0, derived: 0 });
  expect(await readStatus('old_hours/readings')).toEqual({
    counts: { ...NEVER, missing: OLD - 2, fresh: 1, empty: 1, idle: OLD },
    ranges: [
      { state: 'missing', from: nameOf(FIRST), to: nameOf(made), count: 30_000 },
      { state: 'fresh', from: nameOf(made), to: nameOf(made + HOUR_MS), count: 1 },
      { state: 'empty', from: nameOf(made + HOUR_MS), to: nameOf(made + 2 * HOUR_MS), count: 1 },
      { state: 'missing', from: nameOf(made + 2 * HOUR_MS), to: nameOf(PRESENT), count: OLD - 30_002 },
    ],
  });
  const days = (await readStatus('old_hours/daily_count')) as { readonly counts: object };
  const count = Math.floor((PRESENT - 1) / DAY_MS) - Math.floor(FIRST / DAY_MS) + 1;
  expect(days.counts).toEqual({ ...NEVER, missing: count, idle: count });
  for (const start of [FIRST, made - HOUR_MS, made + 2 * HOUR_MS]) {
    expect(await ask(why, { asset: 'old_hours/readings', partition: nameOf(start) })).toMatchObject({
      ...{ data: 'missing', attempt: 'idle', marks: [], made: null },
      why: {
        data: expect.stringMatching(/^Never made, and not promised: promises begin with \S+Z\.$/u) as string,
        attempt: expect.stringMatching(
          /^No run is open\. Reconcile looks back to \S+Z only; start a backfill to have it made\.$/u,
        ) as string,
      },
    });
  }
  await waitFor('their two runs are listed, and no other', async () => (await countStarted()) === 2);
});

/** One pass of reconcile, as its schedule would start it. */
async function pass(): Promise<ReconcileResult> {
  return stack.client.workflow.execute<typeof reconcile>(RECONCILE_WORKFLOW_TYPE, {
    taskQueue: stack.taskQueue,
    workflowId: `reconcile/${spec.name}`,
    args: [{ pipeline: spec.name }],
  });
}

/** What `hourloom status` says of an asset up to the present hour. */
async function readStatus(selection: string): Promise<object> {
  const { assets } = (await ask(statusOf, { selection, from: nameOf(FIRST), to: nameOf(PRESENT) })) as {
    readonly assets: readonly { readonly counts: object; readonly ranges: readonly object[] }[];
  };
  expect(assets).toHaveLength(1);
  const [{ counts, ranges }] = assets as [(typeof assets)[0]];
  return { counts, ranges };
}

/** The document of a command that works on the stack. */
async function ask<Options>(command: Command<Options>, options: Options): Promise<object> {
  const { temporalAddress, s3 } = services();
  const environment = {
    DATABASE_URL: stack.databaseUrl,
    TEMPORAL_ADDRESS: temporalAddress,
    AWS_ENDPOINT_URL_S3: s3.endpoint,
    HOURLOOM_LAKE_BUCKET: stack.lakeBucket,
  };
  const documents: object[] = [];
  await command(
    {
      environment,
      config: readConfig(environment),
      output: {
        json: true,
        note: (line) => expect.unreachable(line),
        result: (document) => void documents.push(document),
        progress: () => ({ advance() {}, stop() {} }),
      },
      loadDefinitions: async () =>
        collectDefinitions('the test', Object.fromEntries([telemetry, ...derived].entries())),
      explain: String,
    },
    options,
  );
  expect(documents).toHaveLength(1);
  return documents[0]!;
}

/** How many hours have or had a run. */
async function countStarted(): Promise<number> {
  const { count } = await stack.client.workflow.count(`TaskQueue = "${stack.taskQueue}" and WorkflowType = "hour"`);
  return count;
}
