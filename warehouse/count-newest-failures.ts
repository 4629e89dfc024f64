import type { PipelineName } from '../model/asset-key.ts';
import type { Instant } from '../model/window.ts';
import type { Queryable } from './open-warehouse.ts';

export interface NewestFailuresQuestion {
  readonly pipeline: PipelineName;
  /** Only windows that start before: those that are over. */
  readonly before: Instant;
  /** Nobody needs to know of more. */
  readonly limit: number;
}

/**
 * How many of a pipeline's newest windows failed in a row, the newest first: every failure counts that no publish
 * followed and that stands after the last window which is made and did not fail since. Windows that were never run
 * break no row. Many old hours that fail in a backfill are not news: newer ones are made.
 */
export async function countNewestFailures(
  sql: Queryable,
  { pipeline, before, limit }: NewestFailuresQuestion,
): Promise<number> {
  const [row] = await sql<[{ failures: number }]>`
    select count(*) as failures
    from (
      select partition
      from hourloom.last_failure
      where pipeline = ${pipeline}
        and partition < ${new Date(before)}
        and partition > coalesce(
          (
            select made.partition
            from hourloom.materialization as made
            where made.pipeline = ${pipeline}
              and made.partition < ${new Date(before)}
              and made.visible
              and not exists (
                select
                from hourloom.last_failure as failure
                where failure.pipeline = made.pipeline
                  and failure.partition = made.partition
              )
            order by made.partition desc
            limit 1
          ),
          '-infinity'
        )
      order by partition desc
      limit ${limit}
    ) as newest
  `;
  return row.failures;
}
