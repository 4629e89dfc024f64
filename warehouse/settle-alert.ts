import { alertWaitMs } from '../model/alert.ts';
import type { ClaimedAlert } from './claim-alerts.ts';
import type { Queryable } from './open-warehouse.ts';

const MAX_PROBLEM_LENGTH = 500;

/**
 * Notes that a receiver has taken an alert. If the state is another by now, that waits to be told, also where it was no
 * news before.
 */
export async function settleAlert(sql: Queryable, { asset, change, to }: ClaimedAlert): Promise<void> {
  await sql`
    update hourloom.health
    set
      told_change = case when state = ${to} then change else ${change} end,
      told_state = ${to},
      attempts = 0,
      next_try_at = clock_timestamp(),
      last_problem = null
    where asset = ${asset}
  `;
}

/** Notes that no receiver took an alert, and when it is tried again. A newer change has a first try of its own. */
export async function postponeAlert(
  sql: Queryable,
  { asset, change, attempts }: ClaimedAlert,
  problem: string,
): Promise<void> {
  await sql`
    update hourloom.health
    set
      next_try_at = clock_timestamp() + ${`${alertWaitMs(attempts)} milliseconds`}::interval,
      last_problem = ${problem.replaceAll('\0', '').slice(0, MAX_PROBLEM_LENGTH)}
    where asset = ${asset}
      and change = ${change}
      and told_change < ${change}
  `;
}
