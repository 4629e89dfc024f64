import type { Warehouse } from './open-warehouse.ts';
import { reachWarehouse } from './reach-warehouse.ts';

export interface TurnRequest {
  readonly pool: string;
  /** From one turn to the next. */
  readonly everyMs: number;
  /** How many turns in a row. */
  readonly count: number;
}

/** Reserves the next turns of a pool, whoever else asks for some; returns how long it is to the first of them. */
export async function reserveTurns(warehouse: Warehouse, { pool, everyMs, count }: TurnRequest): Promise<number> {
  return reachWarehouse(warehouse, async (sql) => {
    const taken = sql`${everyMs * count} * interval '1 millisecond'`;
    const [row] = await sql<[{ wait_ms: number }]>`
      insert into hourloom.pool as pool (name, next_at)
      values (${pool}, clock_timestamp() + ${taken})
      on conflict (name) do update
      set next_at = greatest(pool.next_at, clock_timestamp()) + ${taken}
      returning (extract(epoch from next_at - ${taken} - clock_timestamp()) * 1000)::float8 as wait_ms
    `;
    return row.wait_ms;
  });
}

/** Leaves a pool without turns for so long: the foreign system asked for it. Turns that are reserved already stay. */
export async function restPool(warehouse: Warehouse, pool: string, ms: number): Promise<void> {
  await reachWarehouse(warehouse, async (sql) => {
    await sql`
      insert into hourloom.pool as pool (name, next_at)
      values (${pool}, clock_timestamp() + ${ms} * interval '1 millisecond')
      on conflict (name) do update
      set next_at = greatest(pool.next_at, excluded.next_at)
    `;
  });
}
