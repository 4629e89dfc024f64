import type { BackfillCounts, BackfillState } from './backfill.ts';
import type { Warehouse } from './open-warehouse.ts';
import { reachWarehouse } from './reach-warehouse.ts';

/**
 * Says where a backfill stands. Returns false, and changes nothing, where it has ended before or there is none: what
 * comes late must not open it again. Safe to repeat.
 */
export async function updateBackfill(
  warehouse: Warehouse,
  id: string,
  { state, counts }: { readonly state: BackfillState; readonly counts: BackfillCounts },
): Promise<boolean> {
  return reachWarehouse(warehouse, async (sql) => {
    const { count } = await sql`
      update hourloom.backfill
      set
        state = ${state},
        counts = ${sql.json(counts)},
        ended_at = case when ${state} in ('accepted', 'running', 'paused') then null else clock_timestamp() end
      where id = ${id}
        and ended_at is null
    `;
    return count === 1;
  });
}
