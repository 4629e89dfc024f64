import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readErasuresSchedule } from '../../client/read-schedule.ts';
import type { Pipeline } from '../../define/index.ts';
import { windowOf } from '../../model/window.ts';
import { erasuresScheduleId, eraseWorkflowId, hourWorkflowId } from '../../model/workflow-id.ts';
import { insertErasure } from '../../warehouse/insert-erasure.ts';
import { listErasures } from '../../warehouse/read-erasures.ts';
import { ensureErasures } from '../../worker/ensure-schedule.ts';
import { startSchedules } from '../../worker/start-schedules.ts';
import { definitionOf, openStack } from '../hour/open-stack.ts';
import type { Stack } from '../hour/open-stack.ts';
import { waitFor } from '../support/wait-for.ts';
import { ANN, askingShop, BEN, lines } from './asking-shop.ts';
import { findTraces } from './find-traces.ts';

const KEY = { id: 'k1', secret: 'a-secret-of-the-tests-with-some-length' };
const FIRST = Date.parse('2026-01-01T00:00:00Z');
const HOUR_MS = 3_600_000;

let shop: Pipeline;
let stack: Stack;
beforeAll(async () => {
  shop = askingShop('asking_shop', 'Europe/Zagreb');
  stack = await openStack(shop, { erasureKeys: [KEY] });
  await stack.feed([
    { key: '2026-01-01/00/customers.json', body: lines(ANN, BEN) },
    { key: '2026-01-01/00/wishes-to-forget.json', body: lines({ 'customer-id': ANN.id, email: ANN.email }) },
    {
      key: '2026-01-01/00/wishes-to-forget.json.gz',
      body: gzipSync(
        lines({ 'customer-id': ANN.id, email: ANN.email.toUpperCase() }, { 'customer-id': '', email: 'Ann' }),
      ),
    },
    { key: '2026-01-01/05/wishes_to_forget.json', body: lines({ email: ANN.email, 'customer-id': ANN.id }) },
    { key: '2026-01-01/05/customers.json', body: lines({ ...BEN, id: '0044' }) },
  ]);
});
afterAll(() => stack.close());

const readRequests = async () =>
  (await listErasures(stack.warehouse.sql)).map(({ identifiers, executeAt, state, pipelines }) => ({
    kinds: identifiers.map(({ kind }) => kind),
    executeAt: new Date(executeAt).toISOString(),
    state,
    pipelines,
  }));

test('a request is on record once, however often its files say it, and is due from the day after', async () => {
  await stack.run(FIRST);
  await stack.run(FIRST + 5 * HOUR_MS);
  await stack.run(FIRST, { force: true });
  expect(await readRequests()).toEqual([
    // Midnight in Zagreb, where it is winter.
    { kinds: ['id', 'email'], executeAt: '2026-01-01T23:00:00.000Z', state: 'waiting', pipelines: ['asking_shop'] },
  ]);
  const audit = await stack.warehouse.sql`select step, actor, counts from hourloom.erasure_audit`;
  expect([...audit]).toEqual([
    { step: 'asked', actor: 'hour/asking_shop-2026-01-01T00:00:00Z', counts: { identifiers: 2 } },
  ]);
});

test('one that names nobody is held back, without asking for anything', async () => {
  const held = await stack.warehouse.sql`
    select source_key, line, reason, detail from hourloom.held_back where asset = 'asking_shop/wishes_to_forget'
  `;
  expect([...held]).toEqual([
    {
      source_key: '2026-01-01/00/wishes-to-forget.json.gz',
      line: 2,
      reason: 'rule',
      detail: 'it asks for an erasure, but names neither an id nor an e-mail',
    },
  ]);
});

test(
  'the daily run carries out what is due, the request itself is erased too, and asks no more',
  { timeout: 60_000 },
  async () => {
    const { spec } = definitionOf(shop);
    await ensureErasures(stack.client, spec, stack.taskQueue);
    const schedule = stack.client.schedule.getHandle(erasuresScheduleId(spec.name));
    await schedule.trigger();
    await waitFor('it is done', async () => (await readRequests())[0]?.state === 'done');
    await schedule.delete();
    expect(await findTraces(stack, [ANN.name, ANN.email, ANN.id])).toEqual([]);
    expect([...(await stack.warehouse.sql`select count(*)::int from asking_shop.wishes_to_forget`)]).toEqual([
      { count: 3 },
    ]);

    await stack.run(FIRST, { force: true });
    await stack.run(FIRST + 5 * HOUR_MS, { force: true });
    expect(await findTraces(stack, [ANN.name, ANN.email, ANN.id])).toEqual([]);
    expect(await readRequests()).toHaveLength(1);
  },
);

test('a day goes on with what is open already, and past what fails', { timeout: 60_000 }, async () => {
  const { client, warehouse, taskQueue } = stack;
  const pipeline = definitionOf(shop).spec.name;
  const other = { id: 'gone', secret: 'a-key-that-no-worker-has-in-these-tests' };
  const [open, failing, later] = [randomUUID(), randomUUID(), randomUUID()];
  for (const [id, key, executeAt] of [
    [open, KEY, 0],
    [failing, other, 0],
    [later, KEY, Date.now() + 24 * HOUR_MS],
  ] as const) {
    const person = [{ kind: 'id', value: 'nobody' }] as const;
    await insertErasure(warehouse.sql, { id, pipelines: [pipeline], person, key, executeAt, actor: 'test' });
  }
  // No worker takes it, so it stays open.
  const held = await client.workflow.start('erase', {
    taskQueue: `${taskQueue}-of-none`,
    workflowId: eraseWorkflowId(open),
  });
  const workflowId = `${erasuresScheduleId(pipeline)}-of-a-test`;
  const result: unknown = await client.workflow.execute('erasures', { taskQueue, workflowId, args: [{ pipeline }] });
  expect(result).toEqual({ done: 0, failed: 1, open: 1 });
  await expect(client.workflow.getHandle(eraseWorkflowId(later)).describe()).rejects.toThrow('not found');
  await held.terminate();
});

test('a worker that starts sees to a schedule at one in the zone, where there is anything of persons', async () => {
  const { client, taskQueue } = stack;
  const { spec } = definitionOf(shop);
  await startSchedules(client, [spec], { taskQueue, now: Date.now() });
  await startSchedules(client, [spec], { taskQueue, now: Date.now() });
  const { nextAt = [], paused } = (await readErasuresSchedule(client, spec)) ?? {};
  const clock = new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/Zagreb', timeStyle: 'short' });
  expect([...new Set(nextAt.map((at) => clock.format(at)))]).toEqual(['01:00']);
  expect(paused).toBe(false);
  const { action, policies } = await client.schedule.getHandle(erasuresScheduleId(spec.name)).describe();
  expect(action).toMatchObject({ workflowType: 'erasures', args: [{ pipeline: spec.name }], taskQueue });
  expect(policies).toMatchObject({ overlap: 'BUFFER_ONE' });

  for (const id of [`hour/${spec.name}`, `reconcile/${spec.name}`, erasuresScheduleId(spec.name)]) {
    await client.schedule.getHandle(id).delete();
  }
  const { start } = windowOf(spec.window, Date.now());
  await client.workflow.getHandle(hourWorkflowId(spec.window, { pipeline: spec.name, start })).terminate();
});

test(
  'without a key the window stays as it was and says what to do; with one it is made',
  { timeout: 60_000 },
  async () => {
    const asking = askingShop('asking_without');
    const unset = await openStack(asking);
    await unset.feed([{ key: '2026-01-01/00/wishes-to-forget.json', body: lines({ email: ANN.email }) }]);
    await unset.feed([{ key: '2026-01-01/01/customers.json', body: lines(ANN) }]);
    expect(await unset.run(FIRST + HOUR_MS)).toMatchObject({ outcome: 'made' });
    await expect(unset.run(FIRST)).rejects.toThrow('Workflow execution failed');
    const [failure] = await unset.warehouse.sql`select reason, retryable from hourloom.last_failure`;
    expect(failure).toEqual({
      reason:
        'Records of asking_without/wishes_to_forget ask for erasures, which this worker has no key for. Set HOURLOOM_ERASURE_KEY to <id>:<secret> for the workers; reconcile then makes the window.',
      retryable: true,
    });
    expect([...(await unset.warehouse.sql`select count(*)::int from asking_without.wishes_to_forget`)]).toEqual([
      { count: 0 },
    ]);
    await unset.close();
  },
);
