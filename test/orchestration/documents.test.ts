import * as v from 'valibot';
import { expect, test } from 'vitest';
import { csv, csvNumber, hourly, httpFiles, key, pipeline, table } from '../../define/index.ts';
import { RECONCILE_WORKFLOW_TYPE } from '../../model/workflow-id.ts';
import { listFailures } from '../../warehouse/list-failures.ts';
import { readVisible } from '../../warehouse/read-ledger.ts';
import { recordFailure } from '../../warehouse/record-failure.ts';
import { ensureSchedule } from '../../worker/ensure-schedule.ts';
import type { reconcile } from '../../workflows/reconcile.ts';
import { outcomeAttribute } from '../../workflows/search-attributes.ts';
import { definitionOf, openStack } from '../hour/open-stack.ts';
import { serveDocuments } from '../support/serve-documents.ts';
import { waitFor } from '../support/wait-for.ts';

/** The newest hour that is over and settled. */
const HOUR = Math.floor((Date.now() - 2 * 3_600_000) / 3_600_000) * 3_600_000;
const [YEAR, MONTH, DAY, HOURS] = new Date(HOUR).toISOString().split(/\D/u);
const nameOf = (start: number): string => new Date(start).toISOString().slice(0, 13);
const ADDRESS = `/${YEAR}/${MONTH}/${DAY}/${HOURS}.csv`;

test('an hour waits until its document comes, is made again when it is another, and stays when nothing can be read', async () => {
  const server = await serveDocuments();
  const prices = pipeline('prices', {
    source: httpFiles('/{yyyy}/{MM}/{dd}/{HH}.csv', { base: server.base, format: csv() }),
    window: hourly('2026-01-01T00'),
    lateness: '3 hours',
    tables: {
      price: table(v.object({ sku: v.string(), euros: csvNumber() }), ({ sku, euros }) => ({ sku: key(sku), euros })),
    },
  });
  const { spec } = definitionOf(prices);
  const stack = await openStack(prices);
  const pass = () =>
    stack.client.workflow.execute<typeof reconcile>(RECONCILE_WORKFLOW_TYPE, {
      taskQueue: stack.taskQueue,
      workflowId: 'reconcile/prices',
      args: [{ pipeline: spec.name }],
    });
  const readPrices = async () => {
    const rows = await stack.warehouse.sql<{ euros: number }[]>`select euros from prices.price`;
    return rows.map(({ euros }) => euros);
  };
  try {
    await ensureSchedule(stack.client, spec, stack.taskQueue);
    const { handle } = await stack.start(HOUR);
    const awaited = { first: ADDRESS.slice(1), last: ADDRESS.slice(1), count: 1, until: HOUR + 4 * 3_600_000 };
    expect(await handle.result()).toMatchObject({ outcome: 'waiting', data: 'missing', rows: {}, awaited });
    expect((await handle.describe()).typedSearchAttributes.get(outcomeAttribute)).toBe('waiting');
    expect(await readVisible(stack.warehouse.sql, { pipeline: spec.name, start: HOUR })).toEqual([]);
    expect(await stack.run(HOUR, { force: true })).toMatchObject({ outcome: 'waiting', data: 'missing' });
    expect(await pass()).toMatchObject({ hours: 0 });

    // A run that failed before is forgotten by one that could ask and found nothing.
    const partition = { pipeline: spec.name, start: HOUR };
    await recordFailure(stack.warehouse, partition, {
      reason: 'It redirects.',
      retryable: true,
      tried: 'ab'.repeat(32),
    });
    expect(await pass()).toMatchObject({ hours: 1 });
    await waitFor('it is forgotten', async () => (await listFailures(stack.warehouse.sql, { limit: 1 })).length === 0);
    expect(await pass()).toMatchObject({ hours: 0 });

    server.put(ADDRESS, 'sku,euros\na,1.5\n');
    expect(await pass()).toMatchObject({ hours: 1 });
    await waitFor('the document is loaded', async () => (await readPrices()).includes(1.5));

    server.put(ADDRESS, 'sku,euros\na,2.5\n');
    await waitFor('the changed document is found', async () => (await pass()).hours === 1);
    await waitFor('the changed document is loaded', async () => (await readPrices()).includes(2.5));
    expect(await readPrices()).toEqual([2.5]);

    server.refuseAll(true);
    const kept = { outcome: 'waiting', data: 'fresh', rows: { 'prices/price': 1 }, awaited };
    expect(await stack.run(HOUR)).toMatchObject(kept);
    expect(await stack.run(HOUR, { force: true })).toMatchObject(kept);
    expect(await pass()).toMatchObject({ hours: 0 });
    expect(await readPrices()).toEqual([2.5]);
    server.refuseAll(false);
    expect(await stack.run(HOUR)).toMatchObject({ outcome: 'unchanged', data: 'fresh' });
  } finally {
    await stack.client.schedule.getHandle('hour/prices').delete();
    await stack.close();
  }
});

test('an hour is empty when its document did not come within the lateness, and then what was made of it goes', async () => {
  const server = await serveDocuments();
  const [old, nobody] = [HOUR - 4 * 3_600_000, HOUR - 5 * 3_600_000];
  const rates = pipeline('rates', {
    source: httpFiles('/{north|south}/{yyyy}-{MM}-{dd}T{HH}.csv', { base: server.base, format: csv() }),
    window: hourly('2026-01-01T00'),
    lateness: '3 hours',
    promise: '1 hour',
    promisedFrom: nameOf(nobody),
    tables: { rate: table(v.object({ name: v.string() }), ({ name }) => ({ name: key(name) })) },
  });
  const { spec } = definitionOf(rates);
  const stack = await openStack(rates);
  const readMade = (start: number) => readVisible(stack.warehouse.sql, { pipeline: spec.name, start });
  try {
    server.put(`/south/${nameOf(old)}.csv`, 'name\na\n');
    expect(await stack.run(old)).toMatchObject({ outcome: 'made', data: 'fresh', rows: { 'rates/rate': 1 } });
    server.refuseAll(true);
    expect(await stack.run(old)).toMatchObject({ outcome: 'made', data: 'empty', rows: { 'rates/rate': 0 } });

    await ensureSchedule(stack.client, spec, stack.taskQueue);
    await stack.client.workflow.execute<typeof reconcile>(RECONCILE_WORKFLOW_TYPE, {
      taskQueue: stack.taskQueue,
      workflowId: 'reconcile/rates',
      args: [{ pipeline: spec.name }],
    });
    const made = await waitFor('what never came is empty', async () => {
      const visible = await readMade(nobody);
      return visible.length === 2 && visible;
    });
    expect(made.map(({ rowCount }) => rowCount)).toEqual([0, 0]);
    expect(await readMade(HOUR)).toEqual([]);
  } finally {
    await stack.client.schedule
      .getHandle('hour/rates')
      .delete()
      .catch(() => undefined);
    await stack.close();
  }
});
