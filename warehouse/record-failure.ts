import type { PartitionRef } from '../model/partition.ts';
import type { Warehouse } from './open-warehouse.ts';
import { reachWarehouse } from './reach-warehouse.ts';

/** How the last run of a partition ended, if it failed after the last publish. */
export interface Failure {
  /** For a person: what happened, to what, what to do now. Cut at 2,000 characters. */
  readonly reason: string;
  /** Whether the same input and code may succeed at another time. */
  readonly retryable: boolean;
}

const MAX_REASON_LENGTH = 2_000;

/** Remembers a failed run until the next publish. Safe to repeat. */
export async function recordFailure(warehouse: Warehouse, partition: PartitionRef, failure: Failure): Promise<void> {
  await reachWarehouse(
    warehouse,
    (sql) => sql`
      insert into hourloom.last_failure (pipeline, partition, reason, retryable, failed_at)
      values (
        ${partition.pipeline},
        ${new Date(partition.start)},
        ${toStorable(failure.reason)},
        ${failure.retryable},
        clock_timestamp()
      )
      on conflict (pipeline, partition) do update
      set
        reason = excluded.reason,
        retryable = excluded.retryable,
        failed_at = excluded.failed_at
    `,
  );
}

/** Postgres takes no NUL, and an error's text may quote one. A half of a surrogate pair becomes U+FFFD on the way. */
function toStorable(reason: string): string {
  const text = reason.replaceAll('\0', '\uFFFD').slice(0, MAX_REASON_LENGTH);
  return text === '' ? 'No reason was given.' : text;
}
