import * as v from 'valibot';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { findUnmade } from '../../activities/reconcile/find-unmade.ts';
import { plan } from '../../cli/commands/plan.ts';
import { apply, diff } from '../../cli/commands/schema.ts';
import { waitForBackfill } from '../../client/wait-for-backfill.ts';
import { daily, derived, findDerived, findPipeline, key, sql, table, window } from '../../define/index.ts';
import type { Pipeline } from '../../define/index.ts';
import { countWindows } from '../../model/index-ranges.ts';
import { windowIndex } from '../../model/window.ts';
import { RECONCILE_WORKFLOW_TYPE } from '../../model/workflow-id.ts';
import { summarizeAsset } from '../../warehouse/summarize-asset.ts';
import { ensureSchedule } from '../../worker/ensure-schedule.ts';
import type { reconcile, ReconcileResult } from '../../workflows/reconcile.ts';
import { deleteObjects } from '../hour/delete-objects.ts';
import { openStack } from '../hour/open-stack.ts';
import type { Stack } from '../hour/open-stack.ts';
import { makeReadings } from '../hour/telemetry.ts';
import { waitFor } from '../support/wait-for.ts';
import { askCommand } from './ask-command.ts';
import { alarms, base, countOf, declare, FIRST, HOURS, OLD, RECENT, SECOND, THIRD } from './changing-definitions.ts';
import { deployWorker } from './deploy-worker.ts';
import { requestDays, requestHours } from './request-hours.ts';

// Workers start and stop, and steps wait for the right one.
vi.setConfig({ testTimeout: 90_000 });

let stack: Stack;
const running: { stop(): Promise<void> }[] = [];
beforeAll(async () => {
  stack = await openStack(FIRST, { worker: false, derived: [countOf(FIRST)] });
  await ensureSchedule(stack.client, findPipeline(FIRST)!.spec, stack.taskQueue);
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((worker) => worker.stop()));
});
afterAll(async () => {
  await stack.client.schedule.getHandle('hour/changing').delete();
  await stack.close();
});

test('a first deploy makes nothing stale', async () => {
  expect(await ask(FIRST)).toMatchObject({
    assets: [
      { asset: 'changing/daily_count', change: 'new', made: 0 },
      { asset: 'changing/events', change: 'new', made: 0 },
      { asset: 'changing/readings', change: 'new', made: 0, stale: 0, fill: 0 },
    ],
    pipelines: [{ pipeline: 'changing', stale: 0, fill: 0, byItself: 0, waiting: 0, commands: [] }],
    gone: [],
    tables: [],
  });
  await deploy(FIRST);
  for (const start of HOURS) {
    await stack.feed(makeReadings(start, { files: 1, lines: 4 }));
    await stack.run(start, {});
  }
  await waitFor('the days are counted', async () => (await countDays()) > 1);
  const { text } = await askCommand(stack, [FIRST, countOf(FIRST)], plan, {});
  expect(text).toBe('A deploy of these definitions changes nothing.');
});

test('plan says of a changed column what the ledger says after it was deployed', async () => {
  const planned = await ask(SECOND);
  expect(planned).toMatchObject({
    assets: [
      { asset: 'changing/daily_count', change: 'same', stale: 0, follow: await countDays() },
      { asset: 'changing/events', change: 'same', stale: 0, fill: 0 },
      { asset: 'changing/readings', change: 'changed', made: 4, stale: 4, fill: 0 },
    ],
    pipelines: [
      {
        ...{ pipeline: 'changing', stale: 4, fill: 0, byItself: 1, waiting: 3, needsSource: false, estimateMs: null },
        commands: ['hourloom backfill start changing --only stale'],
      },
    ],
    gone: [],
    tables: [{ table: 'changing.readings', differences: [{ kind: 'add', what: 'column unit is new' }] }],
  });
  const { assets } = planned as { readonly assets: readonly { readonly why: readonly string[] }[] };
  expect(assets[2]?.why).toEqual(['column unit is new (text null)', 'contract: entries.unit is new']);

  await deploy(SECOND);
  expect(await stateOf(SECOND, 'changing/readings')).toMatchObject({ made: 4, stale: 4 });
  expect(await pass()).toMatchObject({ hours: 1 });
  await waitFor('reconcile made the newest', async () => (await stateOf(SECOND, 'changing/readings')).stale === 3);
  await waitUntilQuiet();
  expect(await pass()).toMatchObject({ hours: 0 });
});

test('what waits is made from the lake, without the source', async () => {
  await deploy(SECOND);
  await deleteObjects(
    stack,
    'changing',
    OLD.flatMap((start) => makeReadings(start, { files: 1, lines: 4 })).map(({ key }) => key),
  );
  await backfill('stale');
  expect(await stateOf(SECOND, 'changing/readings')).toMatchObject({ made: 4, stale: 0 });
  expect(await stack.warehouse.sql`select count(*) as rows, count(unit) as units from changing.readings`).toEqual([
    { rows: 16, units: 0 },
  ]);
  const { text } = await askCommand(stack, [SECOND, countOf(SECOND)], plan, {});
  expect(text).toBe('A deploy of these definitions changes nothing.');
});

test('a new table of a pipeline is filled from the lake, and by itself in the lateness window alone', async () => {
  const { document, text } = await askCommand(stack, [THIRD, countOf(THIRD)], plan, {});
  expect(document).toMatchObject({
    pipelines: [
      {
        ...{ fill: 4, byItself: 1, waiting: 3, needsSource: false },
        commands: ['hourloom backfill start changing --only missing'],
      },
    ],
    tables: [{ table: 'changing.alarms', differences: [{ kind: 'create' }] }],
  });
  expect(text).toContain('changing: 4 to fill, from the lake, without the source.\n  1 inside the lateness window');

  await deploy(THIRD);
  const { spec } = findPipeline(THIRD)!;
  const all = { from: windowIndex(spec.window, OLD[0]), to: windowIndex(spec.window, RECENT) };
  const unmade = await findUnmade(stack.warehouse.sql, spec, [all]);
  expect(countWindows(unmade)).toBe(all.to - all.from - OLD.length);

  expect(await pass()).toMatchObject({ hours: 1 });
  await waitFor('reconcile made the newest', async () => (await stateOf(THIRD, 'changing/alarms')).made === 1);
  await waitUntilQuiet();
  await backfill('missing', OLD.length);
  expect(await stateOf(THIRD, 'changing/alarms')).toMatchObject({ made: 4, stale: 0 });
  expect(await stack.warehouse.sql`select count(*) as rows from changing.alarms`).toEqual([{ rows: 4 }]);
});

test('a worker with older code publishes nothing over newer code: its step waits for a worker that may', async () => {
  const old = await deployWorker(stack, SECOND, [countOf(SECOND)]);
  const newer = await deployWorker(stack, THIRD, [countOf(THIRD)]);
  await newer.stop();
  const before = await readLoads();
  const { handle } = await stack.start(RECENT, { force: true });
  await waitFor('the older worker is refused', async () => {
    const { raw } = await handle.describe();
    const messages = (raw.pendingActivities ?? []).map(({ lastFailure }) => lastFailure?.message ?? '');
    return messages.some((message) => message.includes('is not that of the newest deploy'));
  });
  expect(await readLoads()).toEqual(before);
  await old.stop();
  await deploy(THIRD);
  expect((await handle.result()).outcome).toBe('made');
  expect(await stateOf(THIRD, 'changing/readings')).toMatchObject({ made: 4, stale: 0 });
});

test('with workers of both codes alive, every hour ends as the newer one makes it', async () => {
  running.push(await deployWorker(stack, SECOND, [countOf(SECOND)]));
  await deploy(THIRD);
  await Promise.all(OLD.map((start) => stack.run(start, { from: 'transform' })));
  expect(await stateOf(THIRD, 'changing/readings')).toMatchObject({ made: 4, stale: 0 });
  expect(await stateOf(THIRD, 'changing/alarms')).toMatchObject({ made: 4, stale: 0 });
});

test('a changed statement is computed again without its hours', async () => {
  const doubled = derived('changing/daily_count', {
    window: daily(),
    key: ['readings'],
    row: v.object({ readings: v.pipe(v.number(), v.integer()) }),
    sql: sql`select 2 * count(*) as readings from ${THIRD.readings} where at <@ ${window}`,
  });
  const { document } = await askCommand(stack, [THIRD, doubled], plan, {});
  expect(document).toMatchObject({
    assets: [{}, { asset: 'changing/daily_count', change: 'changed', why: ['statement changed'] }, {}, {}],
    pipelines: [
      { derived: ['changing/daily_count'], commands: ['hourloom backfill start changing/daily_count --only stale'] },
    ],
  });
  running.push(await deployWorker(stack, THIRD, [doubled]));
  const before = await readLoads('changing/readings');
  await requestDays(stack, findDerived(doubled)!, { id: 'doubled', from: OLD[0], count: 50, only: 'stale' });
  // A day that was announced to the worker before may have been computed by this one already.
  const ended = await waitForBackfill(stack.client, 'doubled');
  expect(ended).toMatchObject({ state: 'done', done: ended.total, failed: 0 });
  expect(await readLoads('changing/readings')).toEqual(before);
  expect(await stack.warehouse.sql`select sum(readings)::int as doubled from changing.daily_count`).toEqual([
    { doubled: 32 },
  ]);
});

test('a type that changed is refused by diff, by apply and by a worker, each with what to do', async () => {
  const text = table(v.object({ ...base, value: v.string() }), ({ id, at, value }) => ({
    ...{ id: key(id), at: key(at), value },
  }));
  const changed = declare({ readings: text, alarms }) as Pipeline;
  const { document, thrown } = await askCommand(stack, [changed], diff, {});
  expect(document).toMatchObject({
    tables: [
      {
        table: 'changing.readings',
        differences: [
          { kind: 'refuse', what: 'column value is double precision not null, declared as text not null' },
          { kind: 'keep', what: 'column unit is not declared any more: it stays, and is not written' },
        ],
      },
    ],
  });
  expect(String(thrown)).toContain('give each table another name and fill that one from the lake');
  await expect(askCommand(stack, [changed], apply, {})).rejects.toThrow('another name there');
  await expect(deployWorker(stack, changed)).rejects.toThrow('hourloom backfill start <pipeline> --only missing');
});

async function deploy(version: typeof FIRST | typeof SECOND | typeof THIRD): Promise<void> {
  running.push(await deployWorker(stack, version, [countOf(version)]));
}

async function ask(version: typeof FIRST | typeof SECOND): Promise<object> {
  return (await askCommand(stack, [version, countOf(version)], plan, {})).document;
}

/** What the ledger says of an asset, held against these definitions. */
async function stateOf(version: typeof FIRST | typeof SECOND | typeof THIRD, asset: string) {
  const { tables } = findPipeline(version)!.spec;
  return summarizeAsset(
    stack.warehouse.sql,
    tables.find((each) => each.asset === asset)!,
  );
}

async function countDays(): Promise<number> {
  const [row] = await stack.warehouse.sql<[{ days: number }]>`select count(*) as days from changing.daily_count`;
  return row.days;
}

async function readLoads(asset?: string): Promise<readonly object[]> {
  return stack.warehouse.sql`
    select asset, partition, load_id
    from hourloom.materialization
    where visible
      and asset <> 'changing/events'
      and (${asset ?? null}::text is null or asset = ${asset ?? null})
    order by 1, 2
  `;
}

async function backfill(only: 'stale' | 'missing', expected = OLD.length): Promise<void> {
  const id = `${only}-${Date.now()}`;
  const { spec } = findPipeline(THIRD)!;
  await requestHours(stack, spec, { id, from: OLD[0], count: 3, only });
  expect(await waitForBackfill(stack.client, id)).toMatchObject({ total: expected, made: expected, failed: 0 });
}

/** One pass of reconcile, as its schedule would start it. */
async function pass(): Promise<ReconcileResult> {
  return stack.client.workflow.execute<typeof reconcile>(RECONCILE_WORKFLOW_TYPE, {
    taskQueue: stack.taskQueue,
    workflowId: 'reconcile/changing',
    args: [{ pipeline: findPipeline(FIRST)!.spec.name }],
  });
}

async function waitUntilQuiet(): Promise<void> {
  await waitFor('no run is open', async () => {
    const { count } = await stack.client.workflow.count(
      `TaskQueue = "${stack.taskQueue}" and ExecutionStatus = "Running" and WorkflowType != "reconcile"`,
    );
    return count === 0;
  });
}
