import { backfillColumns, toBackfill } from './backfill.ts';
import type { Backfill, BackfillRow } from './backfill.ts';
import type { Queryable } from './open-warehouse.ts';

/** The backfill of this request; undefined where there is none. */
export async function readBackfill(sql: Queryable, id: string): Promise<Backfill | undefined> {
  const [row] = await sql<BackfillRow[]>`
    select ${backfillColumns(sql)}
    from hourloom.backfill
    where id = ${id}
  `;
  return row && toBackfill(row);
}
