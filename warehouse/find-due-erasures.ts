import type { PipelineName } from '../model/asset-key.ts';
import type { Instant } from '../model/window.ts';
import type { Queryable } from './open-warehouse.ts';

/** Which requests to look for. */
export interface DueQuestion {
  readonly pipeline: PipelineName;
  readonly now: Instant;
  /** The last request of the page before; undefined for the first. */
  readonly after: string | undefined;
  readonly limit: number;
}

/** The ids of the requests that a pipeline is part of, that are due and not done, in their order. */
export async function findDueErasures(
  sql: Queryable,
  { pipeline, now, after, limit }: DueQuestion,
): Promise<readonly string[]> {
  const rows = await sql<{ id: string }[]>`
    select id
    from hourloom.erasure
    where state <> 'done'
      and execute_at <= ${new Date(now)}
      and pipelines ? ${pipeline}
      ${after === undefined ? sql`` : sql`and id > ${after}`}
    order by id
    limit ${limit}
  `;
  return rows.map(({ id }) => id);
}
