import type { PipelineName } from '../model/asset-key.ts';
import type { PartitionRef } from '../model/partition.ts';
import type { Instant } from '../model/window.ts';
import type { Queryable } from './open-warehouse.ts';
import type { Failure } from './record-failure.ts';

/** A partition whose last run failed, after its last publish. */
export interface LastFailure extends Failure {
  readonly partition: PartitionRef;
  readonly failedAt: Instant;
}

/** The partitions whose last run failed, the latest failure first. */
export async function listFailures(
  sql: Queryable,
  { limit }: { readonly limit: number },
): Promise<readonly LastFailure[]> {
  const rows = await sql<FailureRow[]>`
    select pipeline, partition, reason, retryable, failed_at
    from hourloom.last_failure
    order by failed_at desc, pipeline, partition
    limit ${limit}
  `;
  return rows.map(({ pipeline, partition, reason, retryable, failed_at }) => ({
    partition: { pipeline, start: partition.getTime() },
    reason,
    retryable,
    failedAt: failed_at.getTime(),
  }));
}

interface FailureRow {
  readonly pipeline: PipelineName;
  readonly partition: Date;
  readonly reason: string;
  readonly retryable: boolean;
  readonly failed_at: Date;
}
