import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startErase } from '../../client/start-erase.ts';
import type { HourInput } from '../../model/hour-run.ts';
import { insertErasure } from '../../warehouse/insert-erasure.ts';
import { openStack } from '../hour/open-stack.ts';
import type { Stack } from '../hour/open-stack.ts';
import { askDuckDb, fetchParquet } from '../parquet/read-parquet.ts';
import { findTraces } from './find-traces.ts';
import { ANNA, customerLine, orderLine, shopIn } from './shop.ts';

const KEY = { id: 'k1', secret: 'a-secret-of-the-tests-with-some-length' };
const HOUR = 3_600_000;
const SHOP = 'shop_random';
const TABLES = ['customers', 'orders', 'deliveries'] as const;

type Person = typeof ANNA;

let stack: Stack;
beforeAll(async () => {
  stack = await openStack(shopIn(`shop-${randomUUID().slice(0, 8)}`, { name: SHOP, parquet: true }), {
    erasureKeys: [KEY],
  });
});
afterAll(() => stack.close());

/** Somebody whose values nobody else has. */
function makePerson(): Person {
  const own = randomUUID().slice(0, 8);
  return {
    id: `p${own}`,
    name: `Name ${own}`,
    email: `Mail.${own}@Example.org`,
    phone: `+44 ${Number.parseInt(own, 16)} 0`,
    street: `1 ${own} Road`,
    postcode: `M${Number.parseInt(own, 16)}`,
  };
}

/** What happens to a person in an hour. */
const happening = fc.record({
  hour: fc.nat({ max: 2 }),
  who: fc.nat({ max: 3 }),
  kind: fc.constantFrom('customer', 'order', 'misfit', 'cut off', 'unknown', 'mentioned'),
  /** Only in the file that is corrected later. */
  isWithdrawn: fc.boolean(),
});
const story = fc.record({
  happenings: fc.array(happening, { minLength: 12, maxLength: 30 }),
  order: fc.shuffledSubarray([0, 1, 2], { minLength: 2 }),
  again: fc.constantFrom<HourInput>({ force: true }, { force: true, from: 'transform' }),
  by: fc.constantFrom<'id' | 'email'>('id', 'email'),
});

type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never;

function writeLine({ kind, who }: Happening, people: readonly Person[], number: number): string {
  const person = people[who]!;
  const other = people[(who + 1) % people.length]!;
  const id = `o-${number}-${kind === 'mentioned' ? other.id : person.id}`;
  switch (kind) {
    case 'customer':
      return customerLine(person);
    case 'order':
      return orderLine(id, person);
    case 'misfit':
      return orderLine(id, person, { amount: 'much' });
    case 'cut off':
      return customerLine(person).slice(0, 150);
    case 'unknown':
      return JSON.stringify({ kind: 'note', customer_id: person.id, text: person.name });
    case 'mentioned':
      return orderLine(id, other, { note: `write to ${person.email}, please` });
  }
}

/** All rows of a table as texts, without what a load writes. */
async function readRows(table: (typeof TABLES)[number], from: number): Promise<readonly string[]> {
  const rows = await stack.warehouse.sql<{ text: string }[]>`
    select (to_jsonb(each) - 'load_id')::text as text
    from ${stack.warehouse.sql(`${SHOP}.${table}`)} as each
    join hourloom.materialization as made
      on made.asset = ${`${SHOP}/${table}`}
      and made.load_id = each.load_id
    where made.partition >= ${new Date(from)}
    order by text
  `;
  return rows.map(({ text }) => text);
}

/** The same rows as the current Parquet has them, told by their first column. */
async function readCurrentIds(
  table: (typeof TABLES)[number],
  column: string,
  from: number,
): Promise<readonly string[]> {
  const made = await stack.warehouse.sql<{ key: string; size: number }[]>`
    select object_key as key, (counts ->> 'bytes')::int as size
    from hourloom.materialization
    where visible and object_key is not null and asset = ${`${SHOP}/${table}`} and partition >= ${new Date(from)}
  `;
  const folder = await mkdtemp(join(tmpdir(), 'hourloom-test-parquet-'));
  try {
    const ids: string[] = [];
    for (const object of made) {
      const path = await fetchParquet(stack.lake, object, folder);
      const rows = await askDuckDb(`select ${column} as id from read_parquet('${path}')`);
      ids.push(...rows.map(({ id }) => String(id)));
    }
    return ids.sort();
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function erase(person: Person, by: 'id' | 'email'): Promise<void> {
  const id = randomUUID();
  await insertErasure(stack.warehouse.sql, {
    id,
    pipelines: [SHOP as never],
    // By e-mail alone nothing tells of a person who never was a customer.
    person:
      by === 'id'
        ? [
            { kind: 'id', value: person.id },
            { kind: 'email', value: person.email },
          ]
        : [{ kind: 'email', value: person.email }],
    key: KEY,
    executeAt: Date.now(),
    actor: 'test',
  });
  await (await startErase(stack.client, { erasure: id, taskQueue: stack.taskQueue })).result();
}

test(
  'whoever is erased in whatever order is found nowhere, and what is others’ stays as it was',
  { timeout: 240_000 },
  async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(story, async ({ happenings, order, again, by }) => {
        const people = [0, 1, 2, 3].map(makePerson);
        const day = `2026-02-${String((run += 1)).padStart(2, '0')}`;
        const first = Date.parse(`${day}T00:00:00Z`);
        const hours = [0, 1, 2].map((hour) => first + hour * HOUR);
        const told = [
          ...people.map((_, who) => ({ hour: 0, who, kind: 'customer' as const, isWithdrawn: false })),
          ...happenings,
        ];
        const fileOf = (hour: number, isCorrected: boolean) => ({
          key: `${day}-0${hour}.jsonl`,
          body: told
            .map((each, number) => ({ each, line: writeLine(each, people, number) }))
            .filter(({ each }) => each.hour === hour && !(isCorrected && each.isWithdrawn))
            .map(({ line }) => line)
            .join('\n'),
        });
        const runAll = (input?: HourInput) => Promise.all(hours.map((hour) => stack.run(hour, input)));

        await stack.feed(hours.map((_, hour) => fileOf(hour, false)));
        await runAll();
        await stack.feed(hours.map((_, hour) => fileOf(hour, true)));
        await runAll();
        const before = await Promise.all(TABLES.map((table) => readRows(table, first)));

        const gone: Person[] = [];
        for (const who of order) {
          const person = people[who]!;
          gone.push(person);
          await erase(person, by);
          await runAll(again);
        }

        expect(
          await findTraces(
            stack,
            gone.flatMap(({ id: _, ...texts }) => Object.values(texts)),
          ),
        ).toEqual([]);
        const ids = gone.map(({ id }) => id);
        const isTheirs = (text: string): boolean => ids.some((id) => text.includes(id));
        const after = await Promise.all(TABLES.map((table) => readRows(table, first)));
        // Orders are called by their customers here, so that their ids tell whose a delivery is.
        for (const [index, rows] of before.entries()) {
          const kept = rows.filter((text) => !isTheirs(text));
          expect(after[index]!.filter((text) => kept.includes(text))).toEqual(kept);
          expect(after[index]).toHaveLength(rows.length);
        }
        const orders = await readCurrentIds('orders', 'id', first);
        expect(orders).toEqual(after[1]!.map((text) => (JSON.parse(text) as { id: string }).id).sort());
        expect(await readCurrentIds('customers', 'email', first)).toEqual(
          after[0]!.map((text) => (JSON.parse(text) as { email: string }).email).sort(),
        );
      }),
      { numRuns: 3, endOnFailure: true },
    );
  },
);
