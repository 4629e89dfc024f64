import type { PipelineName } from '../model/asset-key.ts';
import type { AssetNode } from '../model/graph.ts';
import type { HealthEvidence } from '../model/health.ts';
import { subtractRanges, timeOf, uniteRanges } from '../model/index-ranges.ts';
import type { IndexRanges } from '../model/index-ranges.ts';
import { dueWindows } from '../model/promise.ts';
import type { FreshnessPromise } from '../model/promise.ts';
import type { Instant } from '../model/window.ts';
import type { Queryable } from './open-warehouse.ts';
import { readFailedChecks } from './read-failed-checks.ts';
import { readMadeRanges } from './read-made-ranges.ts';

export interface HealthQuestion {
  readonly node: AssetNode;
  /** Under which name the asset's failures are kept: its pipeline's, or its own key (`derivedPartition`). */
  readonly maker: PipelineName;
  readonly promise: FreshnessPromise | undefined;
  readonly now: Instant;
}

/** What an asset's health follows from. A few index reads, however many partitions there are. */
export async function readHealthEvidence(
  sql: Queryable,
  { node, maker, promise, now }: HealthQuestion,
): Promise<HealthEvidence> {
  const [made, failure, failedChecks, late] = await Promise.all([
    readNewestMade(sql, node),
    readNewestFailure(sql, maker),
    readFailedChecks(sql, node.key),
    readLate(sql, node, promise, now),
  ]);
  return { window: node.window, made, failure, failedChecks, late };
}

async function readNewestMade(sql: Queryable, { key }: AssetNode): Promise<HealthEvidence['made']> {
  const [row] = await sql<{ partition: Date; published_at: Date }[]>`
    select partition, published_at
    from hourloom.materialization
    where asset = ${key}
      and visible
    order by partition desc
    limit 1
  `;
  return row && { start: row.partition.getTime(), publishedAt: row.published_at.getTime() };
}

async function readNewestFailure(sql: Queryable, maker: PipelineName): Promise<HealthEvidence['failure']> {
  const [row] = await sql<{ partition: Date; reason: string }[]>`
    select partition, reason
    from hourloom.last_failure
    where pipeline = ${maker}
    order by partition desc
    limit 1
  `;
  return row && { start: row.partition.getTime(), reason: row.reason };
}

async function readLate(
  sql: Queryable,
  { key, window }: AssetNode,
  promise: FreshnessPromise | undefined,
  now: Instant,
): Promise<IndexRanges> {
  if (!window || !promise) return [];
  const due = dueWindows(window, promise, now);
  if (due.from >= due.to) return [];
  const made = await readMadeRanges(sql, { assets: [key], window, within: timeOf(window, due) });
  return subtractRanges([due], uniteRanges(made));
}
