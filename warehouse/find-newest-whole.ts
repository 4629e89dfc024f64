import type { AssetKey, PipelineName } from '../model/asset-key.ts';
import type { Instant } from '../model/window.ts';
import type { Queryable } from './open-warehouse.ts';

/**
 * The start of the newest window of which all of these assets are made; undefined where there is none. After it nobody
 * has seen the pipeline whole: what reconcile looks through begins there, however long all was down.
 */
export async function findNewestWhole(
  sql: Queryable,
  pipeline: PipelineName,
  assets: readonly AssetKey[],
): Promise<Instant | undefined> {
  if (assets.length === 0) return undefined;
  const [row] = await sql<{ partition: Date }[]>`
    select partition
    from hourloom.materialization
    where pipeline = ${pipeline}
      and asset in ${sql(assets)}
      and visible
    group by partition
    having count(*) = ${new Set(assets).size}
    order by partition desc
    limit 1
  `;
  return row?.partition.getTime();
}
