import { afterAll, beforeAll, expect, test } from 'vitest';
import { dailyRevenue, retail, statistics } from '../../assets/index.ts';
import { sampleShop } from '../../assets/retail/sample.ts';
import { windowOf } from '../../model/window.ts';
import { checkDerived } from '../../warehouse/check-derived.ts';
import { listErasures } from '../../warehouse/read-erasures.ts';
import { readQuarantine } from '../../warehouse/read-quarantine.ts';
import { findDerived } from '../../define/index.ts';
import { definitionOf, openStack } from '../hour/open-stack.ts';
import type { Stack } from '../hour/open-stack.ts';
import { waitFor } from '../support/wait-for.ts';

const FIRST = Date.parse('2026-03-01T00:00:00Z');
const HOUR_MS = 3_600_000;
const KEY = { id: 'k1', secret: 'a-secret-of-the-tests-with-some-length' };
const hourAt = (index: number): number => FIRST + index * HOUR_MS;
const HOURS = [0, 1, 2];

let stack: Stack;
beforeAll(async () => {
  stack = await openStack(retail, { derived: [dailyRevenue, statistics], erasureKeys: [KEY] });
});
afterAll(() => stack.close());

test('the statements of the shop fit its tables', async () => {
  const specs = [dailyRevenue, statistics].flatMap((each) => findDerived(each) ?? []);
  expect(await checkDerived(stack.warehouse, specs, definitionOf(retail).spec.tables)).toEqual([]);
});

test('hours that run in any order end in one state, and what is computed from earlier ones follows', async () => {
  await stack.feed(HOURS.flatMap((index) => [...sampleShop(windowOf({ unit: 'hour' }, hourAt(index)))]));
  // The last hour's customers bought in the hour before: whose day and hour must be computed again when they come.
  for (const index of [1, 0, 2])
    expect(await stack.run(hourAt(index))).toMatchObject({ outcome: 'made', data: 'fresh' });

  const { sql } = stack.warehouse;
  const [kept] = await sql`
    select
      count(*) as transactions,
      sum(total_cost)::text as revenue
    from retail.transactions
  `;
  const waiting = await sql`
    select asset, reason, count(*) from hourloom.held_back group by asset, reason order by asset, reason
  `;
  expect(waiting.some(({ reason }) => reason === 'duplicate')).toBe(true);
  // A customer of the fourth hour, who has not come, bought in the third.
  expect(waiting).toContainEqual({ asset: 'retail/transactions', reason: 'reference', count: expect.any(Number) });
  const question = { start: undefined, end: undefined, reason: 'reference', what: 'lines', limit: 10 } as const;
  const assets = definitionOf(retail).spec.tables.map(({ asset }) => asset);
  const listed = await readQuarantine(sql, { ...question, assets, asset: undefined });
  expect(listed.groups).toEqual([
    { asset: 'retail/transactions', reason: 'reference', count: listed.records.length, partitions: 1 },
  ]);
  expect(listed.records[0]).toMatchObject({
    ...{ start: hourAt(2), reason: 'reference', excerpt: '' },
    sourceKey: 'date=2026-03-01/hour=02/transactions.json',
    detail: 'customer_id refers to no kept row of retail/customers',
  });
  const day = await waitFor('the day is computed from the last state', async () => {
    const [row] = await sql`select transactions, revenue::text from retail.daily_revenue`;
    return row?.['revenue'] === kept?.['revenue'] ? row : undefined;
  });
  expect(day).toEqual(kept);
  const hours = await waitFor('each hour is counted as it is seen now', async () => {
    const rows = await sql<{ dataset: string; hour: Date; valid: number; invalid: number; erased: number }[]>`
      select dataset, hour, valid, invalid, erased
      from retail.statistics
      where dataset = 'transactions'
      order by hour
    `;
    const valid = rows.reduce((sum, row) => sum + row.valid, 0);
    return rows.length === HOURS.length && valid === kept?.['transactions'] ? rows : undefined;
  });
  expect(hours.map(({ valid, invalid }) => valid + invalid)).toEqual([13, 13, 13]);
  const requests = await sql`
    select hour, valid, invalid, erased, time
    from retail.statistics
    where dataset = 'erasure_requests'
    order by hour
  `;
  const [made] = await sql`
    select published_at from hourloom.materialization
    where asset = 'retail/erasure_requests' and partition = ${new Date(hourAt(0))} and visible
  `;
  // The first hour of a day asks for one person in two files.
  expect(requests[0]).toEqual({
    hour: new Date(hourAt(0)),
    valid: 2,
    invalid: 0,
    erased: 0,
    time: made?.['published_at'],
  });
  expect(requests.map(({ valid }) => valid)).toEqual([2, 0, 0]);
  expect(await listErasures(sql)).toMatchObject([{ executeAt: Date.parse('2026-03-01T23:00:00Z') }]);
});
