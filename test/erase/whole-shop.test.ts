import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { retail } from '../../assets/index.ts';
import { connectClient } from '../../client/connect-client.ts';
import type { ConnectedClient } from '../../client/connect-client.ts';
import { startHour } from '../../client/start-hour.ts';
import { ensureBucket } from '../../lake/ensure-bucket.ts';
import { openLake } from '../../lake/open-lake.ts';
import type { Lake } from '../../lake/open-lake.ts';
import { putObject } from '../../lake/put-object.ts';
import { findMachine } from '../../local/find-machine.ts';
import type { MachineAddresses } from '../../local/machine-file.ts';
import { stopMachine } from '../../local/stop-machine.ts';
import type { ErasureCounts } from '../../model/erasure.ts';
import type { Instant } from '../../model/window.ts';
import { eraseWorkflowId } from '../../model/workflow-id.ts';
import { openWarehouse } from '../../warehouse/open-warehouse.ts';
import type { Warehouse } from '../../warehouse/open-warehouse.ts';
import { documentOf, hourloom } from '../cli/hourloom.ts';
import type { Answer, Environment } from '../cli/hourloom.ts';
import { definitionOf } from '../hour/open-stack.ts';
import { inParallel } from '../ruling/publish-hour.ts';
import type { SourceFile } from '../ruling/publish-hour.ts';
import { hasRetailFiles } from '../ruling/retail-files.ts';
import { createPersonSearch } from './person-search.ts';
import type { Searched } from './person-search.ts';
import { dumpWarehouse, readHistories, readLake, readLogs, readTemporalFiles } from './read-machine.ts';
import { readWholeShop, spoiledHour } from './whole-shop.ts';
import type { WholeShop } from './whole-shop.ts';

/** Hours at once, as the backfill of the shop's owner has them. */
const WIDTH = 4;
const NOTHING: ErasureCounts = { objects: 0, lines: 0, windows: 0, rows: 0, quarantined: 0 };
const { spec } = definitionOf(retail);

// The real files lie beside the project, not in it. Without them the same rules are held against generated files.
if (!hasRetailFiles) {
  test('the real files of the shop are not here: two days of generated ones are erased from alone', () => {
    expect(hasRetailFiles).toBe(false);
  });
}

describe('a machine with all hours of the shop, asked by commands to erase two people', () => {
  /** All that commands were asked and answered. */
  const said: Searched[] = [];
  let folder: string;
  let environment: Environment;
  let shop: WholeShop;
  let search: ReturnType<typeof createPersonSearch>;
  let addresses: MachineAddresses;
  let lake: Lake;
  let warehouse: Warehouse;
  let temporal: ConnectedClient;

  beforeAll(async () => {
    folder = join(await mkdtemp(join(tmpdir(), 'hourloom-shop-')), '.hourloom');
    environment = {
      HOURLOOM_FOLDER: folder,
      HOURLOOM_ASSETS: fileURLToPath(new URL('../../dist/assets/index.js', import.meta.url)),
      HOURLOOM_ERASURE_KEY: '2026:a-secret-of-the-tests-with-some-length',
    };
    shop = await readWholeShop();
    search = createPersonSearch(shop.persons, shop.others);
    // The first command starts the machine.
    await hourloom(['status'], environment);
    const machine = await findMachine(folder);
    if (machine.state !== 'ready') throw new Error(`The machine is ${machine.state}.`);
    ({ addresses } = machine);
    lake = openLake({ ...addresses.s3, bucket: 'hourloom-lake' });
    warehouse = openWarehouse({ url: addresses.databaseUrl, maxConnections: 4, applicationName: 'test' });
    temporal = await connectClient(addresses.temporalAddress);
  }, 120_000);
  afterAll(async () => {
    await Promise.all([lake?.close(), warehouse?.close(), temporal?.[Symbol.asyncDispose]()]);
    await stopMachine(folder);
    await rm(join(folder, '..'), { recursive: true, force: true });
  });

  async function ask(...args: readonly string[]): Promise<Answer> {
    const answer = await hourloom(args, environment);
    said.push({ where: `answer to ${args.slice(0, 2).join(' ')}`, bytes: Buffer.from(JSON.stringify(answer)) });
    return answer;
  }

  /** Asks for an erasure and waits for its end; what its command shows of it then. */
  async function erase(...who: readonly string[]): Promise<object> {
    const { id } = documentOf(await ask('erase', 'request', ...who, '--now', '--json')) as { id: string };
    await temporal.client.workflow.getHandle(eraseWorkflowId(id)).result();
    return documentOf(await ask('erase', 'show', id, '--json')) as object;
  }

  async function feed(files: Iterable<SourceFile>): Promise<void> {
    await ensureBucket(lake, { bucket: 'retail', role: 'source' });
    await inParallel([...files], 16, async ({ key, body }) => {
      await putObject(lake, { bucket: 'retail', key, body: Buffer.from(body) });
    });
  }

  /** Makes hours as a backfill does, four at once, in no order. */
  async function makeInAnyOrder(starts: Iterable<Instant>): Promise<void> {
    const order = [...starts].map((start) => ({ start, at: Math.random() })).sort((a, b) => a.at - b.at);
    await inParallel(order, WIDTH, async ({ start }) => {
      const asked = { window: spec.window, partition: { pipeline: spec.name, start }, taskQueue: 'hourloom' };
      const input = { backfill: true, announce: false } as const;
      const { handle } = await startHour(temporal.client, { ...asked, input });
      await handle.result();
    });
  }

  async function backfill(asset: string, only: string, ...more: readonly string[]): Promise<void> {
    const range = ['--from', '2020-01-01', '--to', '2020-01-27'];
    const how = ['--width', String(WIDTH), '--wait', '--json', ...more];
    const answer = await ask('backfill', 'start', asset, ...range, '--only', only, ...how);
    expect(answer).toMatchObject({ code: 0 });
  }

  async function findAll(stores: readonly AsyncIterable<Searched>[]): Promise<readonly string[]> {
    const found: string[] = said.flatMap(search);
    for (const store of stores) for await (const searched of store) found.push(...search(searched));
    return found;
  }

  const stores = () => [
    dumpWarehouse(addresses),
    readLake(folder, 'retail'),
    readTemporalFiles(folder),
    readHistories(temporal.client, ['erase', 'backfill', 'requests']),
    readLogs(folder),
  ];

  test('all hours in any order, four at once, give the known answers', { timeout: 240_000 }, async () => {
    await feed([...shop.hours.values()].flat());
    await makeInAnyOrder(shop.hours.keys());
    const { daily: _, ...answers } = await readAnswers(warehouse);
    expect(answers).toEqual(shop.known ?? answers);
    expect(answers).toMatchObject({ customers: expect.any(Number), revenue: expect.stringMatching(/^\d+\.\d\d$/u) });
  });

  test(
    'both are erased from everything, and a backfill of all hours brings nobody back',
    { timeout: 400_000 },
    async () => {
      const [first, second] = shop.persons;
      const [start, files] = spoiledHour(shop.persons);
      await feed(files);
      await makeInAnyOrder([start]);
      await backfill('retail/daily_revenue', 'all');
      await warehouse.sql`analyze`;
      const before = await readAnswers(warehouse);

      const found = (await findAll(stores())).join('\n').toLowerCase();
      for (const { id, email } of shop.persons) {
        for (const trace of [`lake hourloom-lake/raw`, 'table retail.customers_all', 'table pg_catalog.pg_stats']) {
          expect(found).toMatch(new RegExp(`${trace}.*: ${id}`, 'u'));
        }
        expect(found).toMatch(new RegExp(`table retail.customers_all: ${email.toLowerCase()}`, 'u'));
        expect(found).toMatch(new RegExp(`table hourloom.quarantine: ${email.toLowerCase()}`, 'u'));
        expect(found).toMatch(new RegExp(`table hourloom.ruling: ${id}`, 'u'));
      }

      const done = { state: 'done', proof: NOTHING };
      expect(await erase('--customer-id', first.id)).toMatchObject(done);
      expect(await erase('--email', second.email.toUpperCase())).toMatchObject(done);
      expect(await findAll(stores())).toEqual([]);
      expect(await readAnswers(warehouse)).toEqual(before);

      await backfill('retail', 'all');
      expect(await findAll(stores())).toEqual([]);
      expect(await readAnswers(warehouse)).toEqual(before);

      const again = { state: 'done', preview: NOTHING, counts: NOTHING, proof: NOTHING };
      expect(await erase('--customer-id', first.id, '--email', first.email)).toMatchObject(again);
      expect(await erase('--customer-id', second.id, '--email', second.email)).toMatchObject(again);
      expect(await readAnswers(warehouse)).toEqual(before);
    },
  );

  test('nor are they in the files that a stopped machine leaves', { timeout: 60_000 }, async () => {
    expect((await ask('down')).code).toBe(0);
    expect(await findAll([readLake(folder, 'retail'), readTemporalFiles(folder), readLogs(folder)])).toEqual([]);
  });
});

async function readAnswers({ sql }: Warehouse) {
  const [row] = await sql<[Record<string, unknown>]>`
    select
      (select count(*) from retail.customers) as customers,
      (select count(*) from retail.products) as products,
      (select count(*) from retail.transactions) as transactions,
      (select count(*) from retail.delivery_addresses) as addresses,
      (
        select jsonb_object_agg(asset, held)
        from (select asset, count(*) as held from hourloom.held_back group by asset) as each
      ) as held,
      (select sum(total_cost)::numeric(12, 2)::text from retail.transactions) as revenue,
      (select sum(total)::numeric(12, 2)::text from retail.purchases) as "purchasesTotal",
      (select count(*) from retail.transactions where transaction_time < '2020-01-02') as "firstDay",
      (
        select sum(total_cost)::numeric(12, 2)::text from retail.transactions where transaction_time < '2020-01-02'
      ) as "firstDayRevenue",
      (
        select jsonb_agg(jsonb_build_array(day, transactions, revenue::text) order by day)
        from retail.daily_revenue
      ) as daily
  `;
  return row;
}
