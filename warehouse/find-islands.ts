import type { IndexRange } from '../model/index-ranges.ts';
import { WHOLE } from '../model/mapping.ts';
import { windowIndex, windowLengthMs } from '../model/window.ts';
import type { WindowKind } from '../model/window.ts';
import type { Fragment, Queryable } from './open-warehouse.ts';

/** Windows in a row that are alike: of one name and one version. */
export interface Island extends IndexRange {
  readonly name: string;
  /** Hex digits. */
  readonly version: string;
}

/**
 * Puts together what stands in a row: of 200,000 hours that are alike, one line leaves the server. `rows` is a query
 * that gives `name`, `partition` and the bytes `version`. By name and time. `kind` is undefined where there are no
 * partitions.
 */
export async function findIslands(
  sql: Queryable,
  kind: WindowKind | undefined,
  rows: Fragment,
): Promise<readonly Island[]> {
  const islands = await sql<{ name: string; version: string; first: Date; next: Date }[]>`
    select
      name,
      encode(version, 'hex') as version,
      lower(island) as first,
      upper(island) as next
    from (
      select
        name,
        version,
        range_agg(tstzrange(partition, partition + ${lengthOf(kind)}::interval)) as islands
      from (${rows}) as made
      group by name, version
    ) as merged
    cross join unnest(islands) as island
    order by name, first
  `;
  return islands.map(({ name, version, first, next }) => ({
    name,
    version,
    ...(kind ? { from: windowIndex(kind, first.getTime()), to: windowIndex(kind, next.getTime()) } : WHOLE),
  }));
}

/** How long a window is, as Postgres says it; sessions are in UTC, so a month is a month. */
function lengthOf(kind: WindowKind | undefined): string {
  if (!kind) return '1 second';
  return kind.unit === 'month' ? '1 month' : `${windowLengthMs(kind)} milliseconds`;
}
