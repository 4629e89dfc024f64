import { afterAll, beforeAll, expect, test } from 'vitest';
import { askErasures } from '../../warehouse/ask-erasures.ts';
import type { AskingRows } from '../../warehouse/ask-erasures.ts';
import { ensureTables } from '../../warehouse/ensure-tables.ts';
import { MIGRATIONS_FOLDER, migrateUp } from '../../warehouse/migrate.ts';
import { openWarehouse } from '../../warehouse/open-warehouse.ts';
import type { Warehouse } from '../../warehouse/open-warehouse.ts';
import { listErasures } from '../../warehouse/read-erasures.ts';
import { transact } from '../../warehouse/transact.ts';
import { askingShop } from '../erase/asking-shop.ts';
import { definitionOf } from '../hour/open-stack.ts';
import { createDatabase } from '../support/services.ts';

const KEY = { id: 'k1', secret: 'a-secret-of-the-tests-with-some-length' };
const NEW_KEY = { id: 'k2', secret: 'another-secret-of-the-tests-with-length' };
const { spec } = definitionOf(askingShop('asking_rows'));
const table = spec.tables.find(({ asks }) => asks === 'erasure')!;

let warehouse: Warehouse;
beforeAll(async () => {
  warehouse = openWarehouse({ url: await createDatabase(), maxConnections: 8, applicationName: 'test' });
  await migrateUp(warehouse, MIGRATIONS_FOLDER);
  await ensureTables(warehouse, spec.tables);
  await warehouse.sql`
    insert into asking_rows.wishes_to_forget (load_id, file, line, customer_id, email)
    select load, 'f', n, n::text, 'person' || n || '@example.org'
    from generate_series(1, 2) as load, generate_series(1, 20) as n
  `;
});
afterAll(() => warehouse.close());

const ask = (loadId: number, keys: AskingRows['keys'], after?: () => Promise<void>): Promise<number> =>
  transact(warehouse.sql, async (tx) => {
    const executeAt = Date.parse('2026-01-02T00:00:00Z');
    const rows = {
      pipeline: spec.name,
      table,
      loadId: loadId as never,
      day: '2026-01-01',
      executeAt,
      keys,
      actor: 'test',
    };
    const asked = await askErasures(tx, rows);
    await after?.();
    return asked;
  });

test('a load that fails asks for nothing', async () => {
  const failing = ask(1, [KEY], () => Promise.reject(new Error('The check failed.')));
  await expect(failing).rejects.toThrow('The check failed.');
  expect(await listErasures(warehouse.sql)).toEqual([]);
});

test('loads at the same time ask for the same persons once, and wait for each other without end for none', async () => {
  const asked = await Promise.all([1, 2, 1, 2, 1, 2].map((loadId) => ask(loadId, [KEY])));
  expect(asked.reduce((sum, count) => sum + count, 0)).toBe(20);
  const [audited] = await warehouse.sql`select count(*)::int as asked from hourloom.erasure_audit where step = 'asked'`;
  expect(audited).toEqual({ asked: 20 });
});

test('a request that was read by the key of before is known by it when keys are changed', async () => {
  expect(await ask(2, [NEW_KEY, KEY])).toBe(0);
  expect(await ask(2, [NEW_KEY])).toBe(20);
});
