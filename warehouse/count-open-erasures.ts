import type { Instant } from '../model/window.ts';
import type { Queryable } from './open-warehouse.ts';

/** Requests for erasure that are not done. */
export interface OpenErasures {
  readonly open: number;
  /** Of these, those whose day has come. */
  readonly due: number;
  /** When the first of them is due, or was; undefined where none is open. */
  readonly firstDueAt: Instant | undefined;
}

/** Counts the requests for erasure that are not done. */
export async function countOpenErasures(sql: Queryable, now: Instant): Promise<OpenErasures> {
  const [row] = await sql<{ open: number; due: number; first_due_at: Date | null }[]>`
    select
      count(*) as open,
      count(*) filter (where execute_at <= ${new Date(now)}) as due,
      min(execute_at) as first_due_at
    from hourloom.erasure
    where state <> 'done'
  `;
  const { open = 0, due = 0, first_due_at: firstDueAt = null } = row ?? {};
  return { open, due, firstDueAt: firstDueAt?.getTime() };
}
