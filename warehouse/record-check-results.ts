import type { AssetKey } from '../model/asset-key.ts';
import type { CheckResult } from '../model/check-result.ts';
import type { Instant } from '../model/window.ts';
import type { Fence } from './fence.ts';
import type { Queryable } from './open-warehouse.ts';

/** What checks said of one load of a partition. */
export interface CheckedLoad {
  readonly start: Instant;
  readonly loadId: Fence;
  readonly results: readonly CheckResult[];
}

/**
 * `publishing`: the load is about to become visible, in this transaction; what was said of older ones goes.
 * `published`: it is visible; nothing is kept where another one has taken its place meanwhile.
 * `refused`: it never was; what was said of the visible load stays beside it.
 */
export type CheckedState = 'publishing' | 'published' | 'refused';

const MAX_DETAIL_LENGTH = 2_000;

/** Keeps what checks said, in one statement. Safe to repeat: the last word on a check holds. */
export async function recordCheckResults(
  sql: Queryable,
  state: CheckedState,
  { start, loadId, results }: CheckedLoad,
): Promise<void> {
  if (results.length === 0) return;
  const partition = new Date(start);
  const assets = [...new Set<AssetKey>(results.map(({ asset }) => asset))];
  const visible = sql`
    select
    from hourloom.materialization as made
    where made.asset = result.asset
      and made.partition = ${partition}
      and made.load_id = result.load_id
      and made.visible
  `;
  await sql`
    with forgotten as (
      delete from hourloom.check_result as result
      where asset in ${sql(assets)}
        and partition = ${partition}
        and load_id < ${loadId}
        ${state === 'refused' ? sql`and not exists (${visible})` : sql``}
    )
    insert into hourloom.check_result as kept (
      asset, partition, load_id, name, blocking, passed, value, detail, checked_at
    )
    select asset, ${partition}, load_id, name, blocking, passed, value, detail, clock_timestamp()
    from (
      select *, ${loadId}::bigint as load_id
      from jsonb_to_recordset(${sql.json(results.map(toRow))}) as given (
        asset text, name text, blocking boolean, passed boolean, value double precision, detail text
      )
    ) as result
    ${state === 'published' ? sql`where exists (${visible})` : sql``}
    on conflict (asset, partition, load_id, name) do update
    set
      blocking = excluded.blocking,
      passed = excluded.passed,
      value = excluded.value,
      detail = excluded.detail,
      checked_at = excluded.checked_at
  `;
}

/** Postgres takes no NUL, and an error's text may quote one. */
function toRow({ asset, name, blocking, passed, value, detail, examples }: CheckResult) {
  const said = examples === undefined ? detail : `${detail}, such as ${examples}`;
  return { asset, name, blocking, passed, value, detail: said.replaceAll('\0', '\uFFFD').slice(0, MAX_DETAIL_LENGTH) };
}
