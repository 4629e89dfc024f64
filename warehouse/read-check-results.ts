import type { AssetKey } from '../model/asset-key.ts';
import type { CheckResult } from '../model/check-result.ts';
import type { Instant, Window } from '../model/window.ts';
import type { Fence } from './fence.ts';
import type { Queryable } from './open-warehouse.ts';

/** What a check said of a partition, as it was kept. */
export interface KeptCheckResult extends CheckResult {
  readonly start: Instant;
  readonly loadId: Fence;
  /** Whether the load that it is about is the one that readers see; else it was refused, or never published. */
  readonly visible: boolean;
  readonly checkedAt: Instant;
}

export interface CheckResultsQuestion {
  /** Of this asset; of all where it is left out. */
  readonly asset?: AssetKey;
  /** Partitions that start within it. */
  readonly within?: Window;
  /** Those that failed alone. */
  readonly failed?: boolean;
  readonly limit: number;
}

/**
 * What checks said of the load that is visible, and of an attempt after it that a blocking check refused. By partition
 * where an asset is named, else the newest first.
 */
export async function readCheckResults(
  sql: Queryable,
  { asset, within, failed = false, limit }: CheckResultsQuestion,
): Promise<readonly KeptCheckResult[]> {
  const rows = await sql<KeptRow[]>`
    select
      result.asset, result.partition, result.load_id, result.name, result.blocking, result.passed, result.value,
      result.detail, result.checked_at, made.load_id is not distinct from result.load_id as visible
    from hourloom.check_result as result
    left join hourloom.materialization as made
      on made.asset = result.asset
      and made.partition = result.partition
      and made.visible
    where (made.load_id is null or made.load_id <= result.load_id)
      ${asset === undefined ? sql`` : sql`and result.asset = ${asset}`}
      ${
        within
          ? sql`and result.partition >= ${new Date(within.start)} and result.partition < ${new Date(within.end)}`
          : sql``
      }
      ${failed ? sql`and not result.passed` : sql``}
    order by
      ${asset === undefined ? sql`result.checked_at desc,` : sql``}
      result.partition, result.load_id, result.asset, result.name
    limit ${limit}
  `;
  return rows.map(({ partition, load_id: loadId, checked_at: checkedAt, ...row }) => ({
    ...row,
    start: partition.getTime(),
    loadId,
    checkedAt: checkedAt.getTime(),
  }));
}

interface KeptRow extends CheckResult {
  readonly partition: Date;
  readonly load_id: Fence;
  readonly visible: boolean;
  readonly checked_at: Date;
}
