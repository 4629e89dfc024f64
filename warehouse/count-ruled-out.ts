import type { AssetKey } from '../model/asset-key.ts';
import type { Instant } from '../model/window.ts';
import type { Queryable } from './open-warehouse.ts';

/** How many records of one partition rules over all hours take out of sight; of a child table, those of its parent. */
export async function countRuledOut(
  sql: Queryable,
  { asset, start }: { readonly asset: AssetKey; readonly start: Instant },
): Promise<number> {
  const [row] = await sql<{ held: number }[]>`
    select held
    from hourloom.ruled_partition
    where asset = ${asset}
      and partition = ${new Date(start)}
  `;
  return row?.held ?? 0;
}
