import type { AssetKey } from '../model/asset-key.ts';
import type { Instant } from '../model/window.ts';
import type { Queryable } from './open-warehouse.ts';

/** When a partition of which nothing is visible was last made: it was taken back. Undefined where it never was. */
export async function readWiped(
  sql: Queryable,
  { asset, start }: { readonly asset: AssetKey; readonly start: Instant },
): Promise<{ readonly publishedAt: Instant } | undefined> {
  const [row] = await sql<{ published_at: Date | null }[]>`
    select max(published_at) as published_at
    from hourloom.materialization
    where asset = ${asset}
      and partition = ${new Date(start)}
    having not bool_or(visible)
  `;
  return row?.published_at ? { publishedAt: row.published_at.getTime() } : undefined;
}
