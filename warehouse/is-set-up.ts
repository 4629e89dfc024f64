import type { Queryable } from './open-warehouse.ts';

/** Whether the warehouse has the tables of this version: a worker sets it up when it starts, `migrate up` does too. */
export async function isSetUp(sql: Queryable): Promise<boolean> {
  const [row] = await sql<[{ deploy: string | null }]>`select to_regclass('hourloom.deploy')::text as deploy`;
  return row.deploy !== null;
}
