import { DeleteBucketCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { resumeSchedule } from '../../client/resume-schedule.ts';
import { findPipeline } from '../../define/index.ts';
import { ensureBucket } from '../../lake/ensure-bucket.ts';
import { RECONCILE_WORKFLOW_TYPE } from '../../model/workflow-id.ts';
import { readWaitingAlerts } from '../../warehouse/read-waiting-alerts.ts';
import { ensureSchedule } from '../../worker/ensure-schedule.ts';
import { tellAlerts } from '../../worker/tell-alerts.ts';
import type { AlertTeller } from '../../worker/tell-alerts.ts';
import type { reconcile } from '../../workflows/reconcile.ts';
import { openStack } from '../hour/open-stack.ts';
import type { Stack } from '../hour/open-stack.ts';
import { makeReadings, makeTelemetry } from '../hour/telemetry.ts';
import { waitFor } from '../support/wait-for.ts';
import { openReceiver } from './open-receiver.ts';
import type { Receiver } from './open-receiver.ts';

const telemetry = makeTelemetry('alerting');
const { spec } = findPipeline(telemetry)!;
const NOW = Date.now();
/** The newest hours that are over and settled, 0 being the newest. */
const hourAt = (ago: number): number => Math.floor((NOW - 2 * 3_600_000) / 3_600_000) * 3_600_000 - ago * 3_600_000;
const ASSETS = ['alerting/alarms', 'alerting/events', 'alerting/readings'];

let stack: Stack;
let receiver: Receiver;
let tellers: readonly AlertTeller[];
const warned: object[] = [];

beforeAll(async () => {
  [stack, receiver] = await Promise.all([openStack(telemetry), openReceiver()]);
  await ensureSchedule(stack.client, spec, stack.taskQueue);
  // Two workers.
  const log = { warn: (what: object) => void warned.push(what) };
  const webhook = { url: receiver.url, byPipeline: new Map<string, string>() };
  tellers = [1, 2].map(() => tellAlerts(stack.warehouse, webhook, log, { lookEveryMs: 20 }));
});
afterAll(async () => {
  await Promise.all(tellers.map((teller) => teller.stop()));
  await receiver.close();
  await stack.client.schedule.getHandle('hour/alerting').delete();
  await stack.close();
});
beforeEach(() => {
  receiver.received.length = 0;
});

let passes = 0;
/** One pass of reconcile, as its schedule starts it. */
function pass(): Promise<unknown> {
  return stack.client.workflow.execute<typeof reconcile>(RECONCILE_WORKFLOW_TYPE, {
    taskQueue: stack.taskQueue,
    workflowId: `reconcile/alerting-${(passes += 1)}`,
    args: [{ pipeline: spec.name }],
  });
}

/** What was received, by asset. */
const told = () =>
  receiver.received
    .map(({ body: { asset, from, to } }) => `${String(asset)} ${String(from)} ${String(to)}`)
    .sort((a, b) => (a < b ? -1 : 1));
const nothingWaits = async () => {
  const rows = await stack.warehouse.sql`select from hourloom.health where told_change < change`;
  return rows.length === 0;
};

test('hours of years that were never made raise no alert', async () => {
  await pass();
  expect(await stack.warehouse.sql`select asset, state from hourloom.health order by asset`).toEqual([
    { asset: 'alerting', state: 'healthy' },
    ...ASSETS.map((asset) => ({ asset, state: 'unknown' })),
  ]);
  expect(told()).toEqual([]);
});

test('a run that fails is told at once, once for each of its assets, however many workers there are', async () => {
  await stack.run(hourAt(9));
  await stack.lake.s3.send(new DeleteBucketCommand({ Bucket: 'alerting' }));

  await expect(stack.run(hourAt(8))).rejects.toThrow('Workflow execution failed');
  await waitFor('all are told', async () => receiver.received.length >= 3 && (await nothingWaits()));
  expect(told()).toEqual(ASSETS.map((asset) => `${asset} unknown failing`));
  const [{ headers, body }] = receiver.received as [Receiver['received'][number]];
  expect(Object.keys(body)).toEqual(['id', 'asset', 'from', 'to', 'why', 'partition', 'at']);
  expect(body).toMatchObject({
    why: expect.stringMatching(/^The last run of .* failed: There is no source bucket "alerting"/u) as string,
    partition: new Date(hourAt(8)).toISOString().slice(0, 13),
  });
  expect(headers).toMatchObject({ 'content-type': 'application/json', 'idempotency-key': body['id'] });

  // The next failure of the same kind is no change.
  receiver.received.length = 0;
  await expect(stack.run(hourAt(7))).rejects.toThrow('Workflow execution failed');
  // It cannot list either, and notes health all the same.
  await expect(pass()).rejects.toThrow('Workflow execution failed');
  expect(await nothingWaits()).toBe(true);
  expect(told()).toEqual([]);
});

test('a receiver that is down holds nothing up: it is tried again, and hears the latest state alone', async () => {
  receiver.answer = 503;
  // The breaker: the fifth of the newest hours in a row.
  for (const ago of [6, 5, 4]) await expect(stack.run(hourAt(ago))).rejects.toThrow('Workflow execution failed');
  await waitFor('it waits', () => readWaitingAlerts(stack.warehouse.sql));
  expect(told()).toEqual(['alerting healthy failing']);
  expect(await readWaitingAlerts(stack.warehouse.sql)).toMatchObject({ count: 1, problem: 'it answered 503' });
  expect(warned).toContainEqual({ alert: 'alerting/3', attempts: 1, problem: 'it answered 503' });
  expect(JSON.stringify(warned)).not.toContain('secret-token');

  // Mended, while nobody could be told.
  await resumeSchedule(stack.client, spec, 'Mended');
  await ensureBucket(stack.lake, { bucket: 'alerting', role: 'source' });
  await stack.feed(makeReadings(hourAt(3), { files: 1, lines: 2 }));
  await stack.run(hourAt(3));
  await pass();
  receiver.received.length = 0;
  receiver.answer = 204;
  await stack.warehouse.sql`update hourloom.health set next_try_at = '-infinity'`;
  await waitFor('all is told', nothingWaits);
  expect(told()).toEqual(['alerting failing healthy', ...ASSETS.map((asset) => `${asset} failing healthy`)]);
});

test('a redirect is not followed, and says so', async () => {
  receiver.answer = 302;
  const { sql } = stack.warehouse;
  const { noteHealth } = await import('../../warehouse/note-health.ts');
  await noteHealth(sql, { asset: 'alerting', state: 'failing', why: 'It is.', partition: null, lookedAt: Date.now() });
  const waiting = await waitFor('it waits', () => readWaitingAlerts(sql));
  expect(waiting.problem).toBe('it answered with a redirect (302), which is not followed');
  expect(receiver.received).toHaveLength(1);
});

test('a worker that stops does not wait for a receiver that is silent', async () => {
  receiver.answer = 'silence';
  await stack.warehouse.sql`update hourloom.health set next_try_at = '-infinity'`;
  await waitFor('it is asked', () => receiver.received.length > 0);
  await Promise.all(tellers.map((teller) => teller.stop()));
  // The claim ends by itself, and another worker goes on.
  expect(await readWaitingAlerts(stack.warehouse.sql)).toMatchObject({ count: 1 });
});
