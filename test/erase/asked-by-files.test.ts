import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Pipeline } from '../../define/index.ts';
import { erasuresScheduleId } from '../../model/workflow-id.ts';
import { listErasures } from '../../warehouse/read-erasures.ts';
import { ensureErasures } from '../../worker/ensure-schedule.ts';
import { definitionOf, openStack } from '../hour/open-stack.ts';
import type { Stack } from '../hour/open-stack.ts';
import { waitFor } from '../support/wait-for.ts';
import { ANN, askingShop, BEN, lines } from './asking-shop.ts';
import { findTraces } from './find-traces.ts';

const KEY = { id: 'k1', secret: 'a-secret-of-the-tests-with-some-length' };
const NEW_KEY = { id: 'k2', secret: 'another-secret-of-the-tests-with-length' };
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
    expect(NEW_KEY.id).toBe('k2');
    await unset.close();
  },
);
