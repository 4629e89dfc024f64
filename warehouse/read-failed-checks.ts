import type { AssetKey } from '../model/asset-key.ts';
import type { FailedCheck } from '../model/health.ts';
import type { Queryable } from './open-warehouse.ts';

/** More are not said: a person begins with the first. */
const MAX_CHECKS = 20;

/**
 * The checks that did not hold on the newest partition of an asset that was checked, by its newest load there: the visible
 * one, or an attempt after it.
 */
export async function readFailedChecks(sql: Queryable, asset: AssetKey): Promise<readonly FailedCheck[]> {
  const rows = await sql<{ name: string; blocking: boolean; detail: string; partition: Date }[]>`
    select name, blocking, detail, partition
    from hourloom.check_result as result
    where asset = ${asset}
      and (partition, load_id) = (
        select partition, load_id
        from hourloom.check_result
        where asset = ${asset}
        order by partition desc, load_id desc
        limit 1
      )
      and not passed
      and not exists (
        select
        from hourloom.materialization as made
        where made.asset = result.asset
          and made.partition = result.partition
          and made.visible
          and made.load_id > result.load_id
      )
    order by blocking desc, name
    limit ${MAX_CHECKS}
  `;
  return rows.map(({ partition, ...row }) => ({ ...row, start: partition.getTime() }));
}
