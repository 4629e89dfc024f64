import type { PipelineName } from '../model/asset-key.ts';
import { uniteRanges } from '../model/index-ranges.ts';
import type { IndexRanges } from '../model/index-ranges.ts';
import type { Window, WindowKind } from '../model/window.ts';
import { findIslands } from './find-islands.ts';
import type { Queryable } from './open-warehouse.ts';

export interface FailedRangesQuestion {
  /** For a derived asset, see `derivedPartition`. */
  readonly pipeline: PipelineName;
  /** Undefined where there are no partitions. */
  readonly window: WindowKind | undefined;
  /** Partitions that start within it. */
  readonly within: Window;
}

/** The windows whose last run failed after their last publish. */
export async function readFailedRanges(
  sql: Queryable,
  { pipeline, window, within }: FailedRangesQuestion,
): Promise<IndexRanges> {
  const islands = await findIslands(
    sql,
    window,
    sql`
      select pipeline as name, partition, ''::bytea as version
      from hourloom.last_failure
      where pipeline = ${pipeline}
        and partition >= ${new Date(within.start)}
        and partition < ${new Date(within.end)}
    `,
  );
  return uniteRanges(islands.map(({ from, to }) => ({ from, to })));
}
