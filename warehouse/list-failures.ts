import type { PipelineName } from '../model/asset-key.ts';
import type { PartitionRef } from '../model/partition.ts';
import type { Instant, Window } from '../model/window.ts';
import type { Queryable } from './open-warehouse.ts';
import type { Failure } from './record-failure.ts';

/** A partition whose last run failed, after its last publish. */
export interface LastFailure extends Failure {
  readonly partition: PartitionRef;
  readonly failedAt: Instant;
  /** How many runs of it have failed since its last publish: reconcile waits the longer, the more there were. */
  readonly attempts: number;
}

/** Of which partitions: of all, of one pipeline's (a derived asset's: see `derivedPartition`), of those in a time. */
export interface FailureQuestion {
  readonly pipeline?: PipelineName;
  /** Partitions that start within it. */
  readonly within?: Window;
  readonly limit: number;
}

/** The partitions whose last run failed, the latest failure first. */
export async function listFailures(
  sql: Queryable,
  { pipeline, within, limit }: FailureQuestion,
): Promise<readonly LastFailure[]> {
  const rows = await sql<FailureRow[]>`
    select pipeline, partition, reason, retryable, encode(tried, 'hex') as tried, failed_at, attempts
    from hourloom.last_failure
    where ${pipeline === undefined ? sql`true` : sql`pipeline = ${pipeline}`}
      and ${within ? sql`partition >= ${new Date(within.start)} and partition < ${new Date(within.end)}` : sql`true`}
    order by failed_at desc, pipeline, partition
    limit ${limit}
  `;
  return rows.map(({ pipeline, partition, reason, retryable, tried, failed_at, attempts }) => ({
    partition: { pipeline, start: partition.getTime() },
    reason,
    retryable,
    tried: tried ?? undefined,
    failedAt: failed_at.getTime(),
    attempts,
  }));
}

interface FailureRow {
  readonly pipeline: PipelineName;
  readonly partition: Date;
  readonly reason: string;
  readonly retryable: boolean;
  readonly tried: string | null;
  readonly failed_at: Date;
  readonly attempts: number;
}
