import type { PipelineName } from '../model/asset-key.ts';
import type { IndexRanges } from '../model/index-ranges.ts';
import type { Window, WindowKind } from '../model/window.ts';
import { findRanges } from './find-ranges.ts';
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
  return findRanges(
    sql,
    window,
    sql`
      select partition
      from hourloom.last_failure
      where pipeline = ${pipeline}
        and partition >= ${new Date(within.start)}
        and partition < ${new Date(within.end)}
    `,
  );
}
