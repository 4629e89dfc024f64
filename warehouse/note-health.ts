import { isNews } from '../model/health.ts';
import type { Health, HealthState } from '../model/health.ts';
import type { Instant } from '../model/window.ts';
import { transact } from './transact.ts';
import type { Sql } from './open-warehouse.ts';

export interface HealthNote extends Health {
  /** The asset's key, or a pipeline's name. */
  readonly asset: string;
  /** The moment from before the evidence was read: what was seen later wins. */
  readonly lookedAt: Instant;
}

/**
 * Keeps how an asset is, and gives the number of its change where the state is another than before. Many at once may
 * note the same change: under the row's lock only the first of them finds another state.
 */
export async function noteHealth(
  sql: Sql,
  { asset, state, why, partition, lookedAt }: HealthNote,
): Promise<number | undefined> {
  const at = new Date(lookedAt);
  return transact(sql, async (tx) => {
    await tx`
      insert into hourloom.health (
        asset, state, why, partition, change, changed_at, looked_at, told_state, told_change, attempts, next_try_at
      )
      values (${asset}, 'unknown', '', null, 1, ${at}, '-infinity', 'unknown', 1, 0, ${at})
      on conflict (asset) do nothing
    `;
    const [before] = await tx<NotedHealth[]>`
      select
        state,
        change,
        looked_at > ${at} as newer,
        case when told_change < change and attempts > 0 then state else told_state end as heard
      from hourloom.health
      where asset = ${asset}
      for update
    `;
    if (!before || before.newer) return undefined;
    if (before.state === state) {
      await tx`
        update hourloom.health
        set why = ${why}, partition = ${partition}, looked_at = ${at}
        where asset = ${asset}
      `;
      return undefined;
    }
    const change = before.change + 1;
    // What the receiver knows already, or what is no news, needs no telling; so what waited is told no more.
    const told = isNews(before.heard, state) ? null : change;
    await tx`
      update hourloom.health
      set
        state = ${state},
        why = ${why},
        partition = ${partition},
        change = ${change},
        changed_at = ${at},
        looked_at = ${at},
        told_change = coalesce(${told}::bigint, told_change),
        told_state = ${told === null ? before.heard : state},
        attempts = 0,
        next_try_at = ${at},
        last_problem = null
      where asset = ${asset}
    `;
    return change;
  });
}

interface NotedHealth {
  readonly state: HealthState;
  readonly change: number;
  readonly newer: boolean;
  /** What the receiver knows, or may know: of a try that failed nobody can say whether it was heard. */
  readonly heard: HealthState;
}
