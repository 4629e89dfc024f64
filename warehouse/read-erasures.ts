import { erasureColumns, toErasure } from './erasure.ts';
import type { Erasure, ErasureRow } from './erasure.ts';
import type { Queryable } from './open-warehouse.ts';

/** One request for erasure; undefined where there is none of this id. */
export async function readErasure(sql: Queryable, id: string): Promise<Erasure | undefined> {
  const [row] = await sql<ErasureRow[]>`
    select ${erasureColumns(sql)}
    from hourloom.erasure
    where id = ${id}
  `;
  return row && toErasure(row);
}

const MAX_LISTED = 1_000;

/** The requests for erasure, the latest first. */
export async function listErasures(sql: Queryable): Promise<readonly Erasure[]> {
  const rows = await sql<ErasureRow[]>`
    select ${erasureColumns(sql)}
    from hourloom.erasure
    order by asked_at desc, id
    limit ${MAX_LISTED}
  `;
  return rows.map(toErasure);
}
