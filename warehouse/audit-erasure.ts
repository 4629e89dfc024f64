import type { Queryable } from './open-warehouse.ts';

/** What was done for a request, by whom and to how much. Nothing of it tells whose request it is. */
export interface ErasureDeed {
  readonly erasure: string;
  readonly step: 'asked' | 'preview' | 'suppressed' | 'hour' | 'done';
  readonly actor: string;
  readonly counts: Readonly<Record<string, number | string>>;
}

/** Adds to the audit, which is only added to. */
export async function auditErasure(sql: Queryable, { erasure, step, actor, counts }: ErasureDeed): Promise<void> {
  await sql`
    insert into hourloom.erasure_audit (erasure, step, actor, counts, at)
    values (${erasure}, ${step}, ${actor.slice(0, 200)}, ${sql.json({ ...counts })}, clock_timestamp())
  `;
}
