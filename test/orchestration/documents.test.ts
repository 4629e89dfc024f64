import * as v from 'valibot';
import { expect, test } from 'vitest';
import { csv, csvNumber, hourly, httpFiles, key, pipeline, table } from '../../define/index.ts';
import { RECONCILE_WORKFLOW_TYPE } from '../../model/workflow-id.ts';
import { ensureSchedule } from '../../worker/ensure-schedule.ts';
import type { reconcile } from '../../workflows/reconcile.ts';
import { definitionOf, openStack } from '../hour/open-stack.ts';
import { serveDocuments } from '../support/serve-documents.ts';
import { waitFor } from '../support/wait-for.ts';

/** The newest hour that is over and settled. */
const HOUR = Math.floor((Date.now() - 2 * 3_600_000) / 3_600_000) * 3_600_000;
const [YEAR, MONTH, DAY, HOURS] = new Date(HOUR).toISOString().split(/\D/u);
const ADDRESS = `/${YEAR}/${MONTH}/${DAY}/${HOURS}.csv`;

test('reconcile makes an empty hour again when its document comes, and when it is another', async () => {
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
    expect(await stack.run(HOUR)).toMatchObject({ data: 'empty' });
    expect(await pass()).toMatchObject({ hours: 0 });

    server.put(ADDRESS, 'sku,euros\na,1.5\n');
    expect(await pass()).toMatchObject({ hours: 1 });
    await waitFor('the document is loaded', async () => (await readPrices()).includes(1.5));

    server.put(ADDRESS, 'sku,euros\na,2.5\n');
    await waitFor('the changed document is found', async () => (await pass()).hours === 1);
    await waitFor('the changed document is loaded', async () => (await readPrices()).includes(2.5));
    expect(await readPrices()).toEqual([2.5]);
  } finally {
    await stack.client.schedule.getHandle('hour/prices').delete();
    await stack.close();
  }
});
