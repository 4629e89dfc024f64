import { uniteRanges } from '../model/index-ranges.ts';
import type { IndexRanges } from '../model/index-ranges.ts';
import type { WindowKind } from '../model/window.ts';
import { findIslands } from './find-islands.ts';
import type { Fragment, Queryable } from './open-warehouse.ts';

/** The ranges that partitions make up, whatever they are of: `partitions` selects their starts, as `partition`. */
export async function findRanges(
  sql: Queryable,
  window: WindowKind | undefined,
  partitions: Fragment,
): Promise<IndexRanges> {
  const islands = await findIslands(
    sql,
    window,
    sql`
      select ''::text as name, partition, ''::bytea as version
      from (${partitions}) as those
    `,
  );
  return uniteRanges(islands.map(({ from, to }) => ({ from, to })));
}
