import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { retail } from '../../assets/index.ts';
import { startErase } from '../../client/start-erase.ts';
import type { Instant } from '../../model/window.ts';
import { insertErasure } from '../../warehouse/insert-erasure.ts';
import { definitionOf, openStack } from '../hour/open-stack.ts';
import type { Stack } from '../hour/open-stack.ts';
import { inParallel } from '../ruling/publish-hour.ts';
import type { SourceFile } from '../ruling/publish-hour.ts';
import { hasRetailFiles, isForTable, readRetailHours } from '../ruling/retail-files.ts';
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
    const files = taken.flatMap(([, all]) => all.filter(isForTable));
    await stack.feed(files);
    traces = collectTraces(files);
    await inParallel([...starts], WIDTH, async (start) => void (await stack.run(start)));
  }, 120_000);
  afterAll(() => stack.close());

  test('are found nowhere after they are erased, and no backfill brings them back', { timeout: 180_000 }, async () => {
    const before = await readTotals(stack);
    expect(traces.length).toBeGreaterThan(8);
    expect(await findTraces(stack, traces)).not.toEqual([]);
    for (const value of KNOWN) {
      const id = randomUUID();
      const asked = {
        id,
        pipelines: [definitionOf(retail).spec.name],
        person: [{ kind: 'id' as const, value }],
        key: KEY,
      };
      await insertErasure(stack.warehouse.sql, { ...asked, executeAt: Date.now(), actor: 'test' });
      await (await startErase(stack.client, { erasure: id, taskQueue: stack.taskQueue })).result();
    }
    expect(await findTraces(stack, traces)).toEqual([]);
    expect(await readTotals(stack)).toEqual(before);

    await inParallel([...starts], WIDTH, async (start) => void (await stack.run(start, { force: true })));
    expect(await findTraces(stack, traces)).toEqual([]);
    expect(await readTotals(stack)).toEqual(before);
  });
});

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
      (select count(*) from hourloom.held_back) as held,
      (select sum(total_cost)::text from retail.transactions) as revenue
  `;
  return row;
}
