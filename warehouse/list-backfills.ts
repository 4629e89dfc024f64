import type { PipelineName } from '../model/asset-key.ts';
import { backfillColumns, toBackfill } from './backfill.ts';
import type { Backfill, BackfillRow } from './backfill.ts';
import type { Queryable } from './open-warehouse.ts';

/** The newest backfills, open or ended, of one pipeline or of all. */
export async function listBackfills(
  sql: Queryable,
  { pipeline, limit }: { readonly pipeline?: PipelineName; readonly limit: number },
): Promise<readonly Backfill[]> {
  const rows = await sql<BackfillRow[]>`
    select ${backfillColumns(sql)}
    from hourloom.backfill
    where ${pipeline === undefined ? sql`true` : sql`pipeline = ${pipeline}`}
    order by created_at desc, id
    limit ${limit}
  `;
  return rows.map(toBackfill);
}

/** The backfills of a pipeline that have not ended, the oldest first. */
export async function listOpenBackfills(sql: Queryable, pipeline: PipelineName): Promise<readonly Backfill[]> {
  const rows = await sql<BackfillRow[]>`
    select ${backfillColumns(sql)}
    from hourloom.backfill
    where pipeline = ${pipeline}
      and ended_at is null
    order by created_at, id
  `;
  return rows.map(toBackfill);
}
