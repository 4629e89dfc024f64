import type { PartitionRef } from '../model/partition.ts';
import type { Warehouse } from './open-warehouse.ts';
import { reachWarehouse } from './reach-warehouse.ts';

/** How the last run of a partition ended, if it failed after the last publish. */
export interface Failure {
  /** For a person: what happened, to what, what to do now. Cut at 2,000 characters. */
  readonly reason: string;
  /** Whether the same input and code may succeed at another time. */
  readonly retryable: boolean;
  /** The version of the input and code that were tried, 64 hex digits; undefined where that is not known. */
  readonly tried?: string | undefined;
}

/** What tells one failed run from another. */
export interface FailedRun {
  /** Of the run as the engine knows it. Without one, every call counts as another run. */
  readonly runId?: string;
}

const MAX_REASON_LENGTH = 2_000;

/**
 * Remembers a failed run until the next publish, and returns how many have failed since the last one, this included.
 * Safe to repeat: the same run counts once.
 */
export async function recordFailure(
  warehouse: Warehouse,
  partition: PartitionRef,
  failure: Failure & FailedRun,
): Promise<number> {
  const { reason, retryable, tried = null, runId = null } = failure;
  return reachWarehouse(warehouse, async (sql) => {
    const [row] = await sql<[{ attempts: number }]>`
      insert into hourloom.last_failure as failure (
        pipeline, partition, reason, retryable, tried, failed_at, run_id, attempts
      )
      values (
        ${partition.pipeline},
        ${new Date(partition.start)},
        ${toStorable(reason)},
        ${retryable},
        decode(${tried}, 'hex'),
        clock_timestamp(),
        ${runId},
        1
      )
      on conflict (pipeline, partition) do update
      set
        reason = excluded.reason,
        retryable = excluded.retryable,
        tried = excluded.tried,
        failed_at = excluded.failed_at,
        run_id = excluded.run_id,
        attempts = failure.attempts + case when failure.run_id = excluded.run_id then 0 else 1 end
      returning attempts
    `;
    return row.attempts;
  });
}

/** Postgres takes no NUL, and an error's text may quote one. A half of a surrogate pair becomes U+FFFD on the way. */
function toStorable(reason: string): string {
  const text = reason.replaceAll('\0', '\uFFFD').slice(0, MAX_REASON_LENGTH);
  return text === '' ? 'No reason was given.' : text;
}
