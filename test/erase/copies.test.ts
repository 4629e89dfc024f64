import { randomUUID } from 'node:crypto';
import { CopyObjectCommand, DeleteObjectCommand, PutBucketVersioningCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startErase } from '../../client/start-erase.ts';
import { getObject } from '../../lake/get-object.ts';
import { listKept } from '../../lake/list-kept.ts';
import { insertErasure } from '../../warehouse/insert-erasure.ts';
import { readErasure } from '../../warehouse/read-erasures.ts';
import { openStack } from '../hour/open-stack.ts';
import type { Stack } from '../hour/open-stack.ts';
import { findTraces } from './find-traces.ts';
import { ANNA, customerLine, orderLine, shopIn } from './shop.ts';
import { startVersionedStore } from './start-versioned-store.ts';
import type { VersionedStore } from './start-versioned-store.ts';

const KEY = { id: 'k1', secret: 'a-secret-of-the-tests-with-some-length' };
const FIRST = Date.parse('2026-01-01T00:00:00Z');
const HOUR = 3_600_000;
const BOB = {
  ...ANNA,
  id: '00012',
  name: 'Bob',
  email: 'bob@example.org',
  phone: '+44 1',
  street: '2 Hill',
  postcode: 'E1 6AN',
};
const HERS = [ANNA.name, ANNA.email, ANNA.phone, ANNA.street.split('\n')[0]!, ANNA.postcode, ANNA.id];
/** A name of its own: all test files share one Temporal. */
const SHOP = 'shop_copies';

let store: VersionedStore;
let stack: Stack;
beforeAll(async () => {
  store = await startVersionedStore();
  const pipeline = shopIn(`shop-${randomUUID().slice(0, 8)}`, { name: SHOP, parquet: true });
  stack = await openStack(pipeline, { erasureKeys: [KEY], s3: store.s3 });
  const { s3, bucket } = stack.lake;
  await s3.send(new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration: { Status: 'Enabled' } }));
  const hours = [
    [
      customerLine(ANNA),
      customerLine(BOB),
      orderLine('o1', ANNA),
      orderLine('o2', BOB),
      customerLine(ANNA, { name: 7 }),
    ],
    [orderLine('o3', ANNA), orderLine('o4', BOB)],
    [customerLine(BOB), orderLine('o5', BOB)],
  ];
  await stack.feed(hours.map((lines, hour) => ({ key: `2026-01-01-0${hour}.jsonl`, body: lines.join('\n') })));
  for (let hour = 0; hour < 3; hour += 1) await stack.run(FIRST + hour * HOUR);
  // A corrected file: what the hour was made of before is garbage, and one copy of it is collected.
  await stack.feed([{ key: '2026-01-01-01.jsonl', body: `${orderLine('o3', BOB)}\n${orderLine('o4', BOB)}` }]);
  await stack.run(FIRST + HOUR);
  const [collected] = await keysOf(`raw/${SHOP}/2026/01/01/01/`, 'unnamed');
  await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: collected! }));
  // And all that is left of an attempt at an hour that was never hers otherwise.
  for (const [from, to] of [
    [
      `tables/${SHOP}/customers/year=2026/month=01/day=01/hour=00/`,
      `tables/${SHOP}/customers/year=2026/month=01/day=01/hour=02/`,
    ],
    [
      `tables/${SHOP}/deliveries/year=2026/month=01/day=01/hour=00/`,
      `tables/${SHOP}/deliveries/year=2026/month=01/day=01/hour=02/`,
    ],
    [`staged/${SHOP}/2026/01/01/00/`, `staged/${SHOP}/2026/01/01/02/`],
  ] as const) {
    for (const key of await keysOf(from)) {
      await s3.send(
        new CopyObjectCommand({ Bucket: bucket, CopySource: `${bucket}/${key}`, Key: key.replace(from, to) }),
      );
    }
  }
}, 60_000);
afterAll(async () => {
  await stack.close();
  await store[Symbol.asyncDispose]();
});

async function keysOf(prefix: string, which: 'all' | 'unnamed' = 'all'): Promise<readonly string[]> {
  const rows = await stack.warehouse.sql`select object_key from hourloom.materialization where visible`;
  const named = new Set(rows.map((row) => row['object_key'] as string | null));
  const keys: string[] = [];
  for await (const { key } of listKept(stack.lake, { prefix })) {
    if (/[0-9a-f]{64}/u.test(key) && (which === 'all' || !named.has(key))) keys.push(key);
  }
  return keys;
}

async function readJson(key: string): Promise<unknown> {
  const answer = await getObject(stack.lake, { use: { bucket: stack.lake.bucket, role: 'lake' }, key });
  return JSON.parse(Buffer.from(await answer.body.arrayBuffer()).toString());
}

test(
  'Parquet, staged rows and old versions of a person go, wherever they lie; those of others stay',
  { timeout: 120_000 },
  async () => {
    const before = await findTraces(stack, HERS);
    for (const place of ['raw/', 'staged/', 'tables/', `${SHOP}.customers`, 'hourloom.quarantine']) {
      expect(
        before.filter((trace) => trace.startsWith(place)),
        place,
      ).not.toEqual([]);
    }
    const others = await stack.warehouse
      .sql`select object_key from hourloom.materialization where visible and partition >= ${new Date(FIRST + HOUR)}`;

    const id = randomUUID();
    await insertErasure(stack.warehouse.sql, {
      id,
      pipelines: [SHOP as never],
      person: [
        { kind: 'email', value: ANNA.email },
        { kind: 'id', value: ANNA.id },
      ],
      key: KEY,
      executeAt: Date.now(),
      actor: 'test',
    });
    await (await startErase(stack.client, { erasure: id, taskQueue: stack.taskQueue })).result();

    expect(await findTraces(stack, HERS)).toEqual([]);
    const request = await readErasure(stack.warehouse.sql, id);
    expect(request).toMatchObject({
      state: 'done',
      counts: { objects: 2, windows: 1 },
      proof: { objects: 0, lines: 0, windows: 0, copies: 0, rows: 0, quarantined: 0 },
    });
    expect(request?.preview?.copies).toBeGreaterThan(8);
    expect([
      ...(await stack.warehouse
        .sql`select object_key from hourloom.materialization where visible and partition >= ${new Date(FIRST + HOUR)}`),
    ]).toEqual([...others]);

    // The list of the day is the ledger's, and all that it names is there.
    for (const table of ['customers', 'orders', 'deliveries']) {
      const folder = `tables/${SHOP}/${table}/year=2026/month=01/day=01/`;
      const made = await stack.warehouse.sql`
        select object_key as key from hourloom.materialization
        where visible and asset = ${`${SHOP}/${table}`} and object_key is not null
        order by partition
      `;
      const { objects } = (await readJson(`${folder}_manifest.json`)) as { objects: readonly { key: string }[] };
      expect(objects.map(({ key }) => key)).toEqual(made.map(({ key }) => key as string));
      expect(await keysOf(folder)).toEqual([...made.map(({ key }) => key as string)].sort());
    }
    expect(await stack.run(FIRST, { force: true })).toMatchObject({ outcome: 'made' });
    expect(await findTraces(stack, HERS)).toEqual([]);
  },
);
