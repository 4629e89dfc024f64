import { afterAll, beforeAll, expect, test } from 'vitest';
import { retail } from '../../assets/index.ts';
import type { AssetKey } from '../../model/asset-key.ts';
import { countRuledOut } from '../../warehouse/count-ruled-out.ts';
import type { Warehouse } from '../../warehouse/open-warehouse.ts';
import { readNotedRanges } from '../../warehouse/read-noted-ranges.ts';
import { summarizeLedger } from '../../warehouse/summarize-ledger.ts';
import { definitionOf } from '../hour/open-stack.ts';
import { openSet, publishHour } from './publish-hour.ts';
import { filesOf, hourAt } from './shop.ts';
import type { Hour } from './shop.ts';

const definition = definitionOf(retail);
const SALES = 'retail/transactions' as AssetKey;
const ANN = { id: 1, name: 'Ann' };

let warehouse: Warehouse;
beforeAll(async () => {
  warehouse = await openSet(definition);
});
afterAll(() => warehouse.close());

async function publishAt(index: number, hour: Hour): Promise<void> {
  await publishHour(warehouse, definition, hourAt(index), filesOf(hourAt(index), hour));
}

/** How many sales the summary says are out of sight, those of the first hour, and how many hours are marked. */
async function look(): Promise<readonly unknown[]> {
  const { sql } = warehouse;
  const within = { start: hourAt(0), end: hourAt(9) };
  const marked = await readNotedRanges(sql, { asset: SALES, window: { unit: 'hour' }, within, note: 'quarantined' });
  const sales = (await summarizeLedger(sql)).find(({ asset }) => asset === SALES);
  return [sales?.rows, sales?.ruledOut, await countRuledOut(sql, { asset: SALES, start: hourAt(0) }), marked.length];
}

test('a sale whose customer is not there is out of sight and counted, until the customer comes', async () => {
  const sales = [1, 2].map((id) => ({ id, customer: id, skus: [3] }));
  await publishAt(0, { customers: [ANN], products: [{ id: 3, name: 'Ann' }], sales });
  expect(await look()).toEqual([2, 1, 1, 1]);
  await publishAt(5, { customers: [{ id: 2, name: 'Bob' }], products: [], sales: [] });
  expect(await look()).toEqual([2, 0, 0, 0]);
});
