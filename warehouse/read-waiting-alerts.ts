import type { Instant } from '../model/window.ts';
import type { Queryable } from './open-warehouse.ts';

/** Alerts that a receiver did not take yet. */
export interface WaitingAlerts {
  readonly count: number;
  /** When the oldest of these changes was. */
  readonly since: Instant;
  /** How the last try ended. */
  readonly problem: string;
}

/** The alerts that were tried and wait to be tried again; undefined where there are none. */
export async function readWaitingAlerts(sql: Queryable): Promise<WaitingAlerts | undefined> {
  const [row] = await sql<{ count: number; since: Date | null; problem: string | null }[]>`
    select
      count(*) as count,
      min(changed_at) as since,
      (array_agg(last_problem order by next_try_at desc))[1] as problem
    from hourloom.health
    where told_change < change
      and last_problem is not null
  `;
  if (!row?.since) return undefined;
  return { count: row.count, since: row.since.getTime(), problem: row.problem ?? '' };
}
