import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { retail } from '../../assets/index.ts';
import type { Instant } from '../../model/window.ts';
import type { Warehouse } from '../../warehouse/open-warehouse.ts';
import { wipe } from '../../warehouse/wipe.ts';
import { definitionOf } from '../hour/open-stack.ts';
import { inParallel, openSet, publishHour } from './publish-hour.ts';
import { anyHour, filesOf, hourAt, judgeShop } from './shop.ts';
import type { Hour, ShopState } from './shop.ts';

const definition = definitionOf(retail);
const { spec } = definition;
const HOURS = 5;
const RUNS = 12;

let warehouse: Warehouse;
beforeAll(async () => {
  warehouse = await openSet(definition);
});
afterAll(() => warehouse.close());

/** One hour as it is written first, and as it is corrected later. */
interface Step {
  readonly hour: number;
  readonly content: Hour;
}

/** Each hour is written, some are corrected, in any order in which a correction follows what it corrects. */
const anyHistory: fc.Arbitrary<readonly Step[]> = fc
  .tuple(
    fc.array(anyHour, { minLength: HOURS, maxLength: HOURS }),
    fc.array(fc.record({ hour: fc.nat(HOURS - 1), content: anyHour }), { maxLength: 4 }),
  )
  .chain(([first, corrections]) => {
    const steps = [...first.map((content, hour) => ({ hour, content })), ...corrections];
    const order = fc.array(fc.nat(1_000), { minLength: steps.length, maxLength: steps.length });
    return order.map((places) => shuffle(steps, places));
  });

/** The places are dealt out to the steps, those of one hour in the order in which they were written. */
function shuffle(steps: readonly Step[], places: readonly number[]): readonly Step[] {
  const mixed = steps.map((step, index) => ({ step, at: places[index]! })).sort((a, b) => a.at - b.at);
  const waiting = new Map<number, Step[]>();
  for (const step of steps) waiting.set(step.hour, [...(waiting.get(step.hour) ?? []), step]);
  return mixed.map(({ step }) => waiting.get(step.hour)!.shift()!);
}

test('the end state is what the rules say of all hours at once, in every order, one by one', async () => {
  await fc.assert(
    fc.asyncProperty(anyHistory, async (steps) => {
      await empty();
      const written = new Map<Instant, Hour>();
      let before = await readVersions();
      for (const { hour, content } of steps) {
        const start = hourAt(hour);
        written.set(start, content);
        await publishHour(warehouse, definition, start, filesOf(start, content));
        expect(await readState()).toEqual(judgeShop(written));
        const after = await readVersions();
        expect(findUntold(before, after)).toEqual([]);
        before = after;
      }
      expect(await readMiscounted()).toEqual([]);
    }),
    { numRuns: RUNS },
  );
});

test('the end state is the same when hours are published four at a time', async () => {
  await fc.assert(
    fc.asyncProperty(anyHistory, async (steps) => {
      await empty();
      const byHour = groupByHour(steps);
      await inParallel([...byHour.values()], 4, async (corrections) => {
        for (const { hour, content } of corrections) {
          await publishHour(warehouse, definition, hourAt(hour), filesOf(hourAt(hour), content));
        }
      });
      const last = [...byHour].map(([hour, corrections]) => [hourAt(hour), corrections.at(-1)!.content] as const);
      expect(await readState()).toEqual(judgeShop(new Map(last)));
      expect(await readMiscounted()).toEqual([]);
    }),
    { numRuns: RUNS },
  );
});

test('wiping customers, and making them again, changes the sides of what refers to them', async () => {
  const ann = { id: 1, name: 'Ann' };
  const sale = { id: 1, customer: 1, skus: [1] };
  const [first, second] = [hourAt(0), hourAt(1)];
  const shop = new Map<Instant, Hour>([
    [first, { customers: [ann], products: [ann], sales: [] }],
    [second, { customers: [], products: [], sales: [sale] }],
  ]);
  await empty();
  for (const [start, hour] of shop) await publishHour(warehouse, definition, start, filesOf(start, hour));
  expect((await readState()).transactions).toEqual(['t1 c1 1']);

  await wipeTable('customers', first);
  expect(await readState()).toMatchObject({
    ...{ customers: [], transactions: [], purchases: [], addresses: [] },
    held: [
      'retail/transactions date=2020-01-01/hour=01/transactions.json line 1 reference: customer_id refers to no kept row of retail/customers',
    ],
  });
  await publishHour(warehouse, definition, first, filesOf(first, shop.get(first)!));
  expect(await readState()).toEqual(judgeShop(shop));
});

function groupByHour(steps: readonly Step[]): ReadonlyMap<number, readonly Step[]> {
  const byHour = new Map<number, Step[]>();
  for (const step of steps) byHour.set(step.hour, [...(byHour.get(step.hour) ?? []), step]);
  return byHour;
}

async function wipeTable(name: string, start: Instant): Promise<void> {
  const table = spec.tables.find((each) => each.name === name)!;
  const question = { asset: table.asset, table, tables: spec.tables, within: { start, end: start + 1 } };
  for await (const wiped of wipe(warehouse, question)) expect(wiped.start).toBe(start);
}

async function empty(): Promise<void> {
  await warehouse.sql`
    truncate
      retail.customers_all, retail.products_all, retail.transactions_all, retail.purchases_all,
      retail.delivery_addresses_all, hourloom.fence, hourloom.materialization, hourloom.quarantine, hourloom.ruling,
      hourloom.ruled_partition, hourloom.reference
  `;
}

async function readState(): Promise<ShopState> {
  const { sql } = warehouse;
  const list = async (rows: PromiseLike<readonly { readonly text?: string }[]>) =>
    (await rows).map(({ text = '' }) => text).sort();
  return {
    customers: await list(sql`select id || ' ' || first_name as text from retail.customers`),
    products: await list(sql`select sku || ' ' || name as text from retail.products`),
    transactions: await list(
      sql`select format('%s %s %s', transaction_id, customer_id, total_cost::bigint) as text from retail.transactions`,
    ),
    purchases: await list(sql`select format('%s %s %s', transaction_id, line, sku) as text from retail.purchases`),
    addresses: await list(sql`select transaction_id as text from retail.delivery_addresses`),
    held: await list(
      sql`select format('%s %s line %s %s: %s', asset, source_key, line, reason, detail) as text from hourloom.held_back`,
    ),
  };
}

/** By asset and partition, what readers see there, and the version that derived assets go by. */
async function readVersions(): Promise<ReadonlyMap<string, { readonly content: string; readonly version: string }>> {
  const { sql } = warehouse;
  const rows = await Promise.all(
    spec.tables.map(
      ({ asset, schema, name }) => sql<{ partition: string; content: string | null; version: string }[]>`
        select
          made.partition::text,
          made.load_id || ' ' || coalesce(ruled.ruling, 0) as version,
          (
            select string_agg(seen::text, ',' order by seen::text)
            from ${sql(schema)}.${sql(name)} as seen
            where seen.load_id = made.load_id
          ) as content
        from hourloom.materialization as made
        left join hourloom.ruled_partition as ruled using (asset, partition)
        where made.visible
          and made.asset = ${asset}
      `,
    ),
  );
  const entries = rows.flatMap((found, index) =>
    found.map(({ partition, content, version }) => {
      return [`${spec.tables[index]!.name} ${partition}`, { content: content ?? '', version }] as const;
    }),
  );
  return new Map(entries);
}

type Versions = Awaited<ReturnType<typeof readVersions>>;

/** Partitions in which readers see something else under the same version: what is made of them would never be made anew. */
function findUntold(before: Versions, after: Versions): readonly string[] {
  return [...after].flatMap(([place, { content, version }]) => {
    const earlier = before.get(place);
    return earlier && earlier.version === version && earlier.content !== content ? [place] : [];
  });
}

/** Partitions of which the ledger of rulings counts something else than there is. */
async function readMiscounted(): Promise<readonly unknown[]> {
  return warehouse.sql`
    select ruled.asset, ruled.partition
    from hourloom.ruled_partition as ruled
    join hourloom.materialization as made using (asset, partition)
    where made.visible
      and made.asset in ('retail/customers', 'retail/products', 'retail/transactions')
      and ruled.held <> (select count(*) from hourloom.ruling where ruling.asset = made.asset and ruling.load_id = made.load_id)
  `;
}
