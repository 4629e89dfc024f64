/**
 * Records the histories that `replay.test.ts` replays, on the run's real servers: `npm run record-histories`. Done when
 * a new way to go is added; what a change of the workflows would break is told by the old ones.
 */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { readBackfillProgress } from '../../client/read-backfill-progress.ts';
import { startDerive } from '../../client/start-derive.ts';
import { startErase } from '../../client/start-erase.ts';
import { pauseBackfill, resumeBackfill, retryBackfill, setBackfillWidth } from '../../client/steer-backfill.ts';
import { waitForBackfill } from '../../client/wait-for-backfill.ts';
import { findDerived, findPipeline } from '../../define/index.ts';
import { findBinary } from '../../local/find-binary.ts';
import type { HourInput } from '../../model/hour-run.ts';
import { afterPut } from '../hour/after-put.ts';
import { WHOLE_START } from '../../model/partition.ts';
import { deriveWorkflowId, erasuresScheduleId, eraseWorkflowId, requestsWorkflowId } from '../../model/workflow-id.ts';
import { insertErasure } from '../../warehouse/insert-erasure.ts';
import { listErasures } from '../../warehouse/read-erasures.ts';
import { ANN, askingShop, BEN, lines } from '../erase/asking-shop.ts';
import { openMeasures } from '../code/open-measures.ts';
import { ensureSchedule } from '../../worker/ensure-schedule.ts';
import { deleteObjects } from '../hour/delete-objects.ts';
import { openStack } from '../hour/open-stack.ts';
import type { Stack } from '../hour/open-stack.ts';
import { makeReadings, makeTelemetry } from '../hour/telemetry.ts';
import { makeDerivedTelemetry } from '../orchestration/derived-telemetry.ts';
import { holdLoads } from '../orchestration/hold-loads.ts';
import { requestDays, requestHours } from '../orchestration/request-hours.ts';
import { services } from '../support/services.ts';
import { waitFor } from '../support/wait-for.ts';

const FOLDER = fileURLToPath(new URL('histories/', import.meta.url));
const hourAt = (index: number): number => Date.parse('2026-03-01T00:00:00Z') + index * 3_600_000;

test('records one history of every way that an hour can go', { timeout: 120_000 }, async () => {
  const stack = await openStack(makeTelemetry('replayed'));
  for (const index of [0, 1, 2, 3]) await stack.feed(makeReadings(hourAt(index), { files: 2, lines: 3 }));

  await record(stack, 'hour-made', hourAt(0));
  await record(stack, 'hour-until-merge', hourAt(1), { until: 'merge' });

  const { handle } = await stack.start(hourAt(2));
  await handle.signal<[HourInput]>('goAgain', { force: true });
  await handle.result();
  await save('hour-go-again', handle.workflowId);

  const lost = makeReadings(hourAt(3), { files: 2, lines: 3 })[1]!.key;
  afterPut(stack, 'manifests/', () => deleteObjects(stack, 'replayed', [lost]));
  await record(stack, 'hour-source-changed', hourAt(3));

  const ticking = makeTelemetry('replayed_ticks', { unit: 'every', ms: 2_000, first: hourAt(0) });
  const ticks = await openStack(ticking);
  await record(ticks, 'hour-waited', Math.ceil(Date.now() / 2_000) * 2_000);
  expect(await readdir(FOLDER)).toEqual(expect.arrayContaining(['hour-made.json', 'hour-waited.json']));
  await Promise.all([stack.close(), ticks.close()]);
});

test('records one history of an hour that a function makes', async () => {
  const { stack } = await openMeasures('replayed_code');
  await record(stack, 'hour-by-code', hourAt(0));
  expect(await readdir(FOLDER)).toContain('hour-by-code.json');
  await stack.close();
});

test('records one history of every way that the other workflows can go', { timeout: 120_000 }, async () => {
  const { telemetry, derived } = makeDerivedTelemetry('replayed_all');
  const { spec } = findPipeline(telemetry)!;
  const stack = await openStack(telemetry, { derived });
  for (const index of [0, 1, 2]) await stack.feed(makeReadings(hourAt(index), { files: 1, lines: 3 }));

  await record(stack, 'hour-announced', hourAt(0));
  const day = deriveWorkflowId(findDerived(derived[0])!, hourAt(0));
  await stack.client.workflow.getHandle(day).result();
  await save('derive-made', day);

  const total = deriveWorkflowId(findDerived(derived[1])!, WHOLE_START);
  await stack.client.workflow.getHandle(total).result();
  const { handle } = await startDerive(stack.client, {
    derived: findDerived(derived[1])!,
    start: WHOLE_START,
    taskQueue: stack.taskQueue,
    input: { force: true },
  });
  await handle.signal('inputMade');
  await handle.result();
  await save('derive-again', total);

  await requestHours(stack, spec, { id: 'replayed-done', from: hourAt(0), count: 6 });
  await waitForBackfill(stack.client, 'replayed-done');
  await save('backfill-done', 'backfill/replayed-done');
  await stack.client.workflow.getHandle(requestsWorkflowId(spec.name)).result();
  await save('requests-taken', requestsWorkflowId(spec.name));

  await requestHours(stack, spec, { id: 'replayed-long', from: hourAt(24), count: 12, width: 2, maxEvents: 30 });
  await waitForBackfill(stack.client, 'replayed-long');
  const [, ...later] = await listRunIds(stack, 'backfill/replayed-long');
  await save('backfill-continued', 'backfill/replayed-long', later.at(-1));
  await save('backfill-continuing', 'backfill/replayed-long', later[0]);

  const [daily] = derived.map((each) => findDerived(each)!);
  await requestDays(stack, daily!, { id: 'replayed-days', from: hourAt(0), count: 2, only: 'all' });
  await waitForBackfill(stack.client, 'replayed-days');
  await save('backfill-derived', 'backfill/replayed-days');
  const mailbox = 'requests/replayed_all/daily_count';
  await stack.client.workflow.getHandle(mailbox).result();
  await save('requests-derived', mailbox);

  const held = await holdLoads(stack, spec.name, 'readings');
  await stack.feed(makeReadings(hourAt(8), { files: 1, lines: 3 }));
  const other = await stack.start(hourAt(8));
  await requestHours(stack, spec, { id: 'replayed-steered', from: hourAt(8), count: 4, width: 1 });
  await reachOpen(stack, 'replayed-steered', 1);
  await setBackfillWidth(stack.client, 'replayed-steered', 2);
  await pauseBackfill(stack.client, 'replayed-steered');
  await retryBackfill(stack.client, 'replayed-steered');
  await resumeBackfill(stack.client, 'replayed-steered');
  await held.release();
  await other.handle.result();
  await waitForBackfill(stack.client, 'replayed-steered');
  await save('backfill-steered', 'backfill/replayed-steered');

  await ensureSchedule(stack.client, spec, stack.taskQueue);
  const input = { taskQueue: stack.taskQueue, workflowId: 'reconcile/replayed_all', args: [{ pipeline: spec.name }] };
  await stack.client.workflow.execute('reconcile', input);
  await save('reconcile-surveyed', 'reconcile/replayed_all');
  await stack.feed(makeReadings(Math.floor(Date.now() / 3_600_000) * 3_600_000 - 7_200_000, { files: 1, lines: 1 }));
  await stack.client.workflow.execute('reconcile', input);
  await save('reconcile-found', 'reconcile/replayed_all');
  await stack.client.schedule.getHandle('hour/replayed_all').delete();

  await stack.warehouse.sql`alter table replayed_all.daily_count rename to gone`;
  const failing = await startDerive(stack.client, {
    derived: findDerived(derived[1])!,
    start: WHOLE_START,
    taskQueue: stack.taskQueue,
    input: { force: true },
  });
  await failing.handle.result().catch(() => undefined);
  await save('derive-failed', total);
  expect(await readdir(FOLDER)).toEqual(expect.arrayContaining(['backfill-done.json', 'derive-failed.json']));
  await stack.close();
});

test('records one history of an erasure, and of a day of them', { timeout: 60_000 }, async () => {
  const shop = askingShop('replayed_shop');
  const key = { id: 'k1', secret: 'a-secret-of-the-tests-with-some-length' };
  const { spec } = findPipeline(shop)!;
  const stack = await openStack(shop, { erasureKeys: [key] });
  await stack.feed([
    { key: '2026-01-01/00/customers.json', body: lines(ANN, BEN) },
    { key: '2026-01-01/00/wishes-to-forget.json', body: lines({ 'customer-id': ANN.id }, { email: BEN.email }) },
  ]);
  await stack.run(Date.parse('2026-01-01T00:00:00Z'));
  const { taskQueue } = stack;
  const workflowId = erasuresScheduleId(spec.name);
  await stack.client.workflow.execute('erasures', { taskQueue, workflowId, args: [{ pipeline: spec.name }] });
  await save('erasures-done', workflowId);
  const [erased] = await listErasures(stack.warehouse.sql);
  await save('erase-done', eraseWorkflowId(erased!.id));

  const id = randomUUID();
  const person = [{ kind: 'id', value: '7' }] as const;
  const asked = { id, pipelines: [spec.name], person, key, executeAt: Date.now() + 3_000, actor: 'test' };
  await insertErasure(stack.warehouse.sql, asked);
  await (await startErase(stack.client, { erasure: id, taskQueue })).result();
  await save('erase-waited', eraseWorkflowId(id));
  expect(await readdir(FOLDER)).toEqual(expect.arrayContaining(['erase-done.json', 'erasures-done.json']));
  await stack.close();
});

async function reachOpen({ client }: Stack, id: string, open: number): Promise<void> {
  await waitFor('runs are open', async () => (await readBackfillProgress(client, id))?.open === open);
}

/** The newest first. */
async function listRunIds({ client }: Stack, workflowId: string): Promise<readonly string[]> {
  return waitFor('its runs are listed', async () => {
    const runs = [];
    for await (const run of client.workflow.list({ query: `WorkflowId = "${workflowId}"` })) runs.push(run);
    const ids = runs.sort((a, b) => Number(b.startTime) - Number(a.startTime)).map(({ runId }) => runId);
    return ids.length >= 3 ? ids : undefined;
  });
}

async function record(stack: Stack, name: string, start: number, input: HourInput = {}): Promise<void> {
  const { handle } = await stack.start(start, input);
  await handle.result();
  await save(name, handle.workflowId);
}

async function save(name: string, workflowId: string, runId?: string): Promise<void> {
  const temporal = await findBinary('temporal', { env: process.env, report: console.error });
  const address = services().temporalAddress;
  const ofRun = runId === undefined ? [] : ['--run-id', runId];
  const show = ['workflow', 'show', '--workflow-id', workflowId, ...ofRun, '--output', 'json', '--address', address];
  const { stdout } = await promisify(execFile)(temporal, show, { maxBuffer: 16 * 1024 * 1024 });
  await mkdir(FOLDER, { recursive: true });
  // Where and by whom it was recorded is nobody's business, and decides nothing.
  const history: unknown = JSON.parse(stdout, (name, value: unknown) => {
    if (name === 'stackTrace') return '';
    return name === 'identity' ? 'worker' : value;
  });
  await writeFile(`${FOLDER}${name}.json`, `${JSON.stringify({ workflowId, history }, undefined, 1)}\n`);
}
