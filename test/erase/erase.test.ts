import { randomUUID } from 'node:crypto';
import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startErase } from '../../client/start-erase.ts';
import { insertErasure } from '../../warehouse/insert-erasure.ts';
import { readErasure } from '../../warehouse/read-erasures.ts';
import { openStack } from '../hour/open-stack.ts';
import type { Stack } from '../hour/open-stack.ts';
import { ANNA, customerLine, orderLine, shopIn } from './shop.ts';
import { findTraces } from './find-traces.ts';

const KEY = { id: 'k1', secret: 'a-secret-of-the-tests-with-some-length' };
const FIRST = Date.parse('2026-01-01T00:00:00Z');
const HOUR = 3_600_000;
const BOB = {
  ...ANNA,
  id: '00012',
  name: 'Bob Other',
  email: 'bob@example.org',
  phone: '+44 1',
  street: '2 Hill',
  postcode: 'E1 6AN',
};
const HERS = [ANNA.name, ANNA.email, ANNA.phone, ANNA.street, ANNA.postcode, ANNA.id];

let stack: Stack;
beforeAll(async () => {
  const pipeline = shopIn(`shop-${randomUUID().slice(0, 8)}`);
  stack = await openStack(pipeline, { erasureKeys: [KEY] });
  await stack.feed([
    {
      key: '2026-01-01-00.jsonl',
      body: [customerLine(ANNA), customerLine(BOB), '', orderLine('o1', ANNA), orderLine('o2', BOB)].join('\n'),
    },
    // Later than her, in capital letters; a line cut off; a kind that nobody knows; a misfit; a field that nobody knows.
    {
      key: '2026-01-01-01.jsonl',
      body: [
        customerLine({ ...ANNA, email: ANNA.email.toUpperCase() }, { nick: ANNA.name }),
        customerLine(ANNA).slice(0, 90),
        JSON.stringify({ kind: 'note', customer_id: ANNA.id, text: ANNA.name }),
        customerLine(ANNA, { name: 7 }),
        orderLine('o3', ANNA, { amount: 'much' }),
        orderLine('o4', BOB),
      ].join('\r\n'),
    },
    { key: '2026-01-01-02.jsonl', body: `[${orderLine('o5', ANNA)},\n ${orderLine('o6', BOB)}]` },
    { key: '2026-01-01-03.jsonl', body: orderLine('o7', BOB) },
  ]);
  for (let hour = 0; hour < 4; hour += 1) await stack.run(FIRST + hour * HOUR);
});
afterAll(() => stack.close());

/** Has the lake fail at its next deletions: at every other one before, and at the others after it was done. */
function failDeletions(times: number): void {
  const { s3 } = stack.lake;
  const send = s3.send.bind(s3) as (...asked: readonly unknown[]) => Promise<unknown>;
  let left = times;
  s3.send = (async (command: unknown, ...rest: readonly unknown[]) => {
    if (!(command instanceof DeleteObjectCommand) || left === 0) return send(command, ...rest);
    left -= 1;
    if (left % 2 === 0) await send(command, ...rest);
    throw new Error('The process was killed here.');
  }) as typeof s3.send;
}

async function eraseNow(kind: 'id' | 'email', value: string): Promise<string> {
  const id = randomUUID();
  await insertErasure(stack.warehouse.sql, {
    id,
    pipelines: ['shop' as never],
    person: [{ kind, value }],
    key: KEY,
    executeAt: Date.now(),
    actor: 'test',
  });
  await (await startErase(stack.client, { erasure: id, taskQueue: stack.taskQueue })).result();
  return id;
}

const totals = () => stack.warehouse.sql`
  select
    (select count(*)::int from shop.customers) as customers,
    (select count(*)::int from shop.orders) as orders,
    (select sum(amount)::text from shop.orders) as amount,
    (select count(*)::int from shop.deliveries) as deliveries,
    (select count(*)::int from hourloom.quarantine) as held,
    (select count(*)::int from shop.customers join shop.orders on orders.customer_id = customers.id) as joined
`;

test(
  'a person who is erased by e-mail is found nowhere, and a backfill cannot bring her back',
  { timeout: 120_000 },
  async () => {
    const before = [...(await totals())];
    expect(before).toEqual([{ customers: 3, orders: 6, amount: '61.5', deliveries: 6, held: 4, joined: 8 }]);
    expect((await findTraces(stack, HERS)).length).toBeGreaterThan(6);
    const untouched = await stack.warehouse.sql`
    select load_id from hourloom.materialization where partition = ${new Date(FIRST + 3 * HOUR)} and visible
  `;

    const id = await eraseNow('email', ' anna.k@EXAMPLE.org');

    expect(await findTraces(stack, HERS)).toEqual([]);
    expect([...(await totals())]).toEqual(before);
    const request = await readErasure(stack.warehouse.sql, id);
    expect(request).toMatchObject({
      state: 'done',
      counts: { objects: 3, windows: 3 },
      proof: { objects: 0, lines: 0, windows: 0, rows: 0, quarantined: 0 },
    });
    expect([
      ...(await stack.warehouse.sql`
      select load_id from hourloom.materialization where partition = ${new Date(FIRST + 3 * HOUR)} and visible
    `),
    ]).toEqual([...untouched]);

    // Nothing is stale, so that nothing is made again by itself; forced from the source, nothing of hers comes back.
    expect((await stack.run(FIRST)).outcome).toBe('unchanged');
    for (let hour = 0; hour < 4; hour += 1) await stack.run(FIRST + hour * HOUR, { force: true });
    expect(await findTraces(stack, HERS)).toEqual([]);
    expect([...(await totals())]).toEqual(before);

    const [row] = await stack.warehouse.sql`
    select id, name, email, phone, street, postcode, city from shop.customers where id like 'erased%' limit 1
  `;
    expect(row).toEqual({
      id: expect.stringMatching(/^erased_[0-9a-f]{20}$/u),
      name: expect.stringMatching(/^erased_[0-9a-f]{20}$/u),
      email: expect.stringMatching(/^erased_[0-9a-f]{20}@erased\.invalid$/u),
      phone: expect.stringMatching(/^\+\d\d \d{4} \d{6}$/u),
      street: expect.stringMatching(/^erased_[0-9a-f]{20}$/u),
      postcode: expect.stringMatching(/^[A-Z]{2}\d \d[A-Z]{2}$/u),
      city: 'Moscow',
    });
  },
);

test('who is erased again is found nowhere, and nothing is changed', { timeout: 60_000 }, async () => {
  const loads = () => stack.warehouse.sql`select asset, partition, load_id from hourloom.materialization where visible`;
  const before = [...(await loads())];
  const id = await eraseNow('id', ANNA.id);
  expect(await readErasure(stack.warehouse.sql, id)).toMatchObject({
    state: 'done',
    preview: { objects: 0, lines: 0, windows: 0, rows: 0, quarantined: 0 },
    counts: { objects: 0, lines: 0, windows: 0, rows: 0, quarantined: 0 },
  });
  expect([...(await loads())]).toEqual(before);
});

test('an erasure goes on where it was broken off, while its windows are being made', { timeout: 120_000 }, async () => {
  const before = [...(await totals())];
  const his = [BOB.name, BOB.email, BOB.phone, BOB.street, BOB.postcode, BOB.id];
  failDeletions(3);
  const hours = [0, 1, 2, 3].map((hour) => stack.run(FIRST + hour * HOUR, { force: true }));
  const id = await eraseNow('id', BOB.id);
  await Promise.all(hours);
  expect(await findTraces(stack, his)).toEqual([]);
  expect([...(await totals())]).toEqual(before);
  expect(await readErasure(stack.warehouse.sql, id)).toMatchObject({ state: 'done', preview: { quarantined: 0 } });
  const audited = await stack.warehouse.sql`
    select step, actor, count(*)::int from hourloom.erasure_audit where erasure = ${id} group by step, actor order by step
  `;
  expect([...audited].filter(({ step }) => step !== 'hour')).toEqual([
    { step: 'asked', actor: 'test', count: 1 },
    { step: 'done', actor: 'worker', count: 1 },
    { step: 'preview', actor: 'worker', count: 1 },
    { step: 'suppressed', actor: 'worker', count: 1 },
  ]);
  await expect(stack.warehouse.sql`delete from hourloom.erasure_audit`).rejects.toMatchObject({ code: '42501' });
});
