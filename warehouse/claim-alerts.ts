import type { Alert } from '../model/alert.ts';
import type { HealthState } from '../model/health.ts';
import type { Queryable } from './open-warehouse.ts';

/** An alert that one worker has to deliver, until its claim ends. */
export interface ClaimedAlert extends Alert {
  readonly change: number;
  /** How many tries there were, this one included. */
  readonly attempts: number;
}

export interface ClaimOptions {
  /** The first parts of the keys of which this worker can tell; left out: all. */
  readonly groups?: readonly string[] | undefined;
  readonly limit: number;
  /** So long nobody else tries it; longer than a try can last. */
  readonly holdMs: number;
}

/**
 * Takes alerts that are due, the oldest change first. Two workers never hold the same: each row is locked, and what
 * another has locked is passed over. A worker that dies lets them go when its claim ends.
 */
export async function claimAlerts(
  sql: Queryable,
  { groups, limit, holdMs }: ClaimOptions,
): Promise<readonly ClaimedAlert[]> {
  const rows = await sql<ClaimedRow[]>`
    update hourloom.health as health
    set attempts = health.attempts + 1, next_try_at = clock_timestamp() + ${`${holdMs} milliseconds`}::interval
    from (
      select asset
      from hourloom.health
      where told_change < change
        and next_try_at <= clock_timestamp()
        ${groups === undefined ? sql`` : sql`and split_part(asset, '/', 1) in ${sql(groups)}`}
      order by changed_at, asset
      limit ${limit}
      for update skip locked
    ) as due
    where health.asset = due.asset
    returning
      health.asset,
      health.told_state as "from",
      health.state as "to",
      health.why,
      health.partition,
      health.changed_at,
      health.change,
      health.attempts
  `;
  return rows.map(({ changed_at, ...row }) => ({
    ...row,
    id: `${row.asset}/${row.change}`,
    at: changed_at.toISOString(),
  }));
}

interface ClaimedRow {
  readonly asset: string;
  readonly from: HealthState;
  readonly to: HealthState;
  readonly why: string;
  readonly partition: string | null;
  readonly changed_at: Date;
  readonly change: number;
  readonly attempts: number;
}
