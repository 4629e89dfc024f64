import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { retail } from '../../assets/index.ts';
import { startErase } from '../../client/start-erase.ts';
import type { Instant } from '../../model/window.ts';
import { keyIdentifier } from '../../record/erasure-key.ts';
import { listErasures } from '../../warehouse/read-erasures.ts';
import { openStack } from '../hour/open-stack.ts';
import type { Stack } from '../hour/open-stack.ts';
import { inParallel } from '../ruling/publish-hour.ts';
import type { SourceFile } from '../ruling/publish-hour.ts';
import { hasRetailFiles, readRetailHours } from '../ruling/retail-files.ts';
import { unpackFile } from './unpack-file.ts';
import { findTraces } from './find-traces.ts';

const KEY = { id: 'k1', secret: 'a-secret-of-the-tests-with-some-length' };
/** Those whose erasure the shop was asked for in January. */
const KNOWN = ['494878', '536860'];
const WIDTH = 4;
const SECOND_DAY = Date.parse('2020-01-02T00:00:00Z');

// The real files lie beside the project, not in it.
if (!hasRetailFiles) {
  test('the real files of the shop are not here: generated ones alone prove erasures', () => {
    expect(hasRetailFiles).toBe(false);
  });
}

describe.runIf(hasRetailFiles)('the two known customers of the shop', () => {
  let stack: Stack;
  let starts: readonly Instant[];
  let traces: readonly string[];
  beforeAll(async () => {
    stack = await openStack(retail, { erasureKeys: [KEY] });
    const hours = await readRetailHours();
    const isTheirs = (file: SourceFile): boolean => KNOWN.some((id) => unpackFile(file).includes(`"${id}"`));
    const isTaken = (start: Instant, files: readonly SourceFile[]): boolean =>
      new Date(start).getUTCHours() === 0 || files.some(isTheirs);
    // All test files share the shop's bucket, and others have files on its first day.
    const taken = [...hours].filter(([start, files]) => start >= SECOND_DAY && isTaken(start, files));
    starts = taken.map(([start]) => start);
    const files = taken.flatMap(([, all]) => all);
    await stack.feed(files);
    traces = collectTraces(files);
    await inParallel([...starts], WIDTH, async (start) => void (await stack.run(start)));
  }, 120_000);
  afterAll(() => stack.close());

  test('are asked for once each by the files, and due from the day after in the zone of the shop', async () => {
    const asked = (await listErasures(stack.warehouse.sql)).toSorted((a, b) => a.executeAt - b.executeAt);
    expect(asked.map(({ identifiers, executeAt }) => [identifiers, new Date(executeAt).toISOString()])).toEqual([
      [keyed('494878', 'grayclive@example.net'), '2020-01-22T23:00:00.000Z'],
      // Asked for in two files.
      [keyed('536860', 'nicolejones@example.net'), '2020-01-25T23:00:00.000Z'],
    ]);
    const requests = await stack.warehouse.sql`
      select customer_id, count(*)::int from retail.erasure_requests group by customer_id order by customer_id
    `;
    expect([...requests]).toEqual([
      { customer_id: '494878', count: 1 },
      { customer_id: '536860', count: 2 },
    ]);
  });

  test('are found nowhere after they are erased, and no backfill brings them back', { timeout: 180_000 }, async () => {
    const before = await readTotals(stack);
    expect(traces.length).toBeGreaterThan(8);
    expect(await findTraces(stack, traces)).not.toEqual([]);
    for (const { id } of await listErasures(stack.warehouse.sql)) {
      await (await startErase(stack.client, { erasure: id, taskQueue: stack.taskQueue })).result();
    }
    expect(await findTraces(stack, traces)).toEqual([]);
    expect(await readTotals(stack)).toEqual(before);

    await inParallel([...starts], WIDTH, async (start) => void (await stack.run(start, { force: true })));
    expect(await findTraces(stack, traces)).toEqual([]);
    expect(await readTotals(stack)).toEqual(before);
    // What the files say once more is said of nobody any more.
    const requests = await listErasures(stack.warehouse.sql);
    expect(requests.map(({ state }) => state)).toEqual(['done', 'done']);
  });
});

const keyed = (id: string, email: string) => [keyIdentifier(KEY, 'id', id), keyIdentifier(KEY, 'email', email)];

/** What of them the files hold: ids, e-mails, phone numbers and addresses. */
function collectTraces(files: readonly SourceFile[]): readonly string[] {
  const found = new Set(KNOWN);
  for (const file of files) {
    for (const line of unpackFile(file).split('\n')) {
      if (!KNOWN.some((id) => line.includes(`"${id}"`))) continue;
      const { email, phone_number: phone, address, delivery_address: delivery } = JSON.parse(line) as TheirRecord;
      for (const text of [email, phone, address, delivery?.address]) if (text) found.add(text);
    }
  }
  return [...found];
}

interface TheirRecord {
  readonly email?: string;
  readonly phone_number?: string | null;
  readonly address?: string | null;
  readonly delivery_address?: { readonly address?: string | null } | null;
}

async function readTotals({ warehouse: { sql } }: Stack): Promise<object | undefined> {
  const [row] = await sql`
    select
      (select count(*) from retail.customers) as customers,
      (select count(*) from retail.products) as products,
      (select count(*) from retail.transactions) as transactions,
      (select count(*) from retail.delivery_addresses) as addresses,
      (select count(*) from retail.erasure_requests) as requests,
      (select count(*) from hourloom.held_back) as held,
      (select sum(total_cost)::text from retail.transactions) as revenue
  `;
  return row;
}
