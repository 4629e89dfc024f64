import { randomUUID } from 'node:crypto';
import * as v from 'valibot';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startErase } from '../../client/start-erase.ts';
import { daily, derived, hourly, inWindow, sql } from '../../define/index.ts';
import { insertErasure } from '../../warehouse/insert-erasure.ts';
import { readErasure } from '../../warehouse/read-erasures.ts';
import { openStack } from '../hour/open-stack.ts';
import type { Stack } from '../hour/open-stack.ts';
import { waitFor } from '../support/wait-for.ts';
import { findTraces } from './find-traces.ts';
import { ANNA, customerLine, orderLine, shopIn } from './shop.ts';

const KEY = { id: 'k1', secret: 'a-secret-of-the-tests-with-some-length' };
const FIRST = Date.parse('2026-01-01T00:00:00Z');
const SHOP = 'shop_derived';
const BOB = { ...ANNA, id: '00012', name: 'Bob', email: 'bob@example.org', phone: '+44 1', street: '2 Hill' };
const CAROL = { ...ANNA, id: '00013', name: 'Carol', email: 'carol@example.org', phone: '+44 2', street: '3 Hill' };

const shop = shopIn(`shop-${randomUUID().slice(0, 8)}`, { name: SHOP });
const Mail = v.object({ id: v.string(), note: v.string() });
/** Copies ids, and e-mails into a text. */
const mails = derived('mails/by_hour', {
  window: hourly(),
  key: ['id'],
  row: Mail,
  sql: sql`select distinct id, 'write to <' || email || '>.' as note from ${inWindow(shop['customers']!)} as customer`,
});
const days = derived('mails/by_day', {
  window: daily(),
  key: ['note'],
  row: v.object({ note: v.string() }),
  sql: sql`select distinct note from ${inWindow(mails)} as mail`,
});
/** Knows Carol's e-mail from elsewhere. */
const elsewhere = derived('mails/elsewhere', {
  window: hourly(),
  reads: [mails],
  key: ['note'],
  row: v.object({ note: v.string() }),
  version: 1,
  async *compute() {
    yield { note: `ask ${CAROL.email}` };
  },
});

let stack: Stack;
beforeAll(async () => {
  stack = await openStack(shop, { erasureKeys: [KEY], derived: [mails, days, elsewhere] });
  const lines = [ANNA, BOB, CAROL].flatMap((who) => [customerLine(who), orderLine(`o-${who.id}`, who)]);
  await stack.feed([{ key: '2026-01-01-00.jsonl', body: lines.join('\n') }]);
  await stack.run(FIRST);
  await waitFor(
    'what is derived',
    async () => (await count('mails.by_day')) === 3 && (await count('mails.elsewhere')) === 1,
  );
}, 60_000);
afterAll(() => stack.close());

async function count(table: string): Promise<number> {
  const [row] = await stack.warehouse.sql.unsafe<{ count: number }[]>(`select count(*)::int as count from ${table}`);
  return row?.count ?? 0;
}

async function erase(email: string): Promise<{ readonly id: string; readonly done: Promise<unknown> }> {
  const id = randomUUID();
  await insertErasure(stack.warehouse.sql, {
    id,
    pipelines: [SHOP as never],
    person: [{ kind: 'email', value: email }],
    key: KEY,
    executeAt: Date.now(),
    actor: 'test',
  });
  return { id, done: (await startErase(stack.client, { erasure: id, taskQueue: stack.taskQueue })).result() };
}

test(
  'what is computed of a person is found before, and is computed anew before the proof',
  { timeout: 60_000 },
  async () => {
    const { id, done } = await erase(ANNA.email);
    await done;
    expect(await readErasure(stack.warehouse.sql, id)).toMatchObject({
      preview: { derived: 2 },
      proof: { derived: 0 },
    });
    expect(await findTraces(stack, [ANNA.email, ANNA.name, ANNA.phone])).toEqual([]);
    const notes = await stack.warehouse.sql`select note from mails.by_day order by note`;
    expect(notes.map(({ note }) => note as string)).toEqual([
      'write to <bob@example.org>.',
      'write to <carol@example.org>.',
      expect.stringMatching(/^write to <erased_[0-9a-f]{20}@erased\.invalid>\.$/u),
    ]);
  },
);

test(
  'a derived asset that has it from elsewhere is named, and keeps the request open',
  { timeout: 60_000 },
  async () => {
    const { id, done } = await erase(CAROL.email);
    await expect(done).rejects.toMatchObject({
      cause: {
        cause: {
          type: 'DerivedStillHoldsError',
          message:
            'mails/elsewhere still holds something of the person after it was to be computed anew, first in the partition of 2026-01-01T00:00:00.000Z. See why with "hourloom why mails/elsewhere"; change what it is computed from, or wipe the partition. Then go on with: hourloom erase resume <request>',
        },
      },
    });
    expect(await readErasure(stack.warehouse.sql, id)).toMatchObject({ state: 'running' });
  },
);
