import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { retail } from '../../assets/index.ts';
import type { Instant } from '../../model/window.ts';
import type { Warehouse } from '../../warehouse/open-warehouse.ts';
import { definitionOf } from '../hour/open-stack.ts';
import { inParallel, openSet, publishHour } from './publish-hour.ts';
import type { SourceFile } from './publish-hour.ts';
import { hasRetailFiles, isForTable, readRetailHours } from './retail-files.ts';

/** Hours at once, as the backfill of the shop's owner has them. */
const WIDTH = 4;

// The real files lie beside the project, not in it. Without them the same rules are held against generated files alone.
if (!hasRetailFiles) {
  test('the real files of the shop are not here: generated ones alone hold the rules', () => {
    expect(hasRetailFiles).toBe(false);
  });
}

describe.runIf(hasRetailFiles)('1 to 25 January of the shop, its hours in random order, 4 at once, twice', () => {
  const definition = definitionOf(retail);
  let warehouse: Warehouse;
  let hours: ReadonlyMap<Instant, readonly SourceFile[]>;
  beforeAll(async () => {
    [warehouse, hours] = await Promise.all([openSet(definition), readRetailHours()]);
  });
  afterAll(() => warehouse.close());

  test.each([1, 2])('time %i gives the known answers', { timeout: 120_000 }, async () => {
    const order = [...hours.keys()].map((start) => ({ start, at: Math.random() })).sort((a, b) => a.at - b.at);
    await inParallel(order, WIDTH, ({ start }) =>
      publishHour(warehouse, definition, start, hours.get(start)!.filter(isForTable)),
    );
    expect(hours.size).toBe(600);
    expect(await readAnswers(warehouse)).toEqual({
      ...{ customers: 762, products: 2_453, transactions: 7_738 },
      ...{ customersHeld: 15, productsHeld: 15, transactionsHeld: 316 },
      ...{ revenue: '898550.80', firstDay: 309, firstDayRevenue: '37845.53' },
      ...{ addresses: 7_738, purchasesTotal: '898550.80' },
    });
  });
});

async function readAnswers({ sql }: Warehouse): Promise<object | undefined> {
  const [row] = await sql`
    select
      (select count(*) from retail.customers) as customers,
      (select count(*) from retail.products) as products,
      (select count(*) from retail.transactions) as transactions,
      (select count(*) from hourloom.held_back where asset = 'retail/customers') as "customersHeld",
      (select count(*) from hourloom.held_back where asset = 'retail/products') as "productsHeld",
      (select count(*) from hourloom.held_back where asset = 'retail/transactions') as "transactionsHeld",
      (select sum(total_cost)::numeric(12, 2)::text from retail.transactions) as revenue,
      (select count(*) from retail.transactions where transaction_time < '2020-01-02') as "firstDay",
      (
        select sum(total_cost)::numeric(12, 2)::text from retail.transactions where transaction_time < '2020-01-02'
      ) as "firstDayRevenue",
      (select count(*) from retail.delivery_addresses) as addresses,
      (select sum(total)::numeric(12, 2)::text from retail.purchases) as "purchasesTotal"
  `;
  return row;
}
