import type { AssetKey } from '../model/asset-key.ts';
import type { MadeRange } from '../model/plan.ts';
import { windowIndex } from '../model/window.ts';
import type { Window, WindowKind } from '../model/window.ts';
import { findIslands } from './find-islands.ts';
import type { Queryable } from './open-warehouse.ts';

/** Which windows of which assets. */
export interface MadeRangesQuestion {
  readonly assets: readonly AssetKey[];
  /** Of all of these assets; undefined where they have no partitions. */
  readonly window: WindowKind | undefined;
  /** Partitions that start within it. */
  readonly within: Window;
}

/**
 * What is visible of these assets, as ranges of windows that were made by one code: what a plan asks for, and what
 * status prints. By asset and time. As many lines as there are changes, at worst one for each partition that is made.
 */
export async function readMadeRanges(
  sql: Queryable,
  { assets, window, within }: MadeRangesQuestion,
): Promise<readonly MadeRange[]> {
  if (assets.length === 0) return [];
  const whole = await findWhole(sql, { assets, window, within });
  if (whole) return whole;
  const islands = await findIslands(
    sql,
    window,
    sql`
      select asset as name, partition, code_version as version
      from hourloom.materialization
      where asset in ${sql(assets)}
        and partition >= ${new Date(within.start)}
        and partition < ${new Date(within.end)}
        and visible
    `,
  );
  return islands.map(({ name, version, from, to }) => ({
    asset: name as AssetKey,
    codeVersion: version,
    from,
    to,
  }));
}

/**
 * One asset, all of it there from its first window to its last, by one code: what is asked most, and answered by an
 * index alone in a third of the time. Undefined where it is not so.
 */
async function findWhole(
  sql: Queryable,
  { assets, window, within }: MadeRangesQuestion,
): Promise<readonly MadeRange[] | undefined> {
  const [asset, ...others] = assets;
  if (asset === undefined || others.length > 0 || !window) return undefined;
  const [row] = await sql<[WholeRow]>`
    select
      count(*) as made,
      min(partition) as first,
      max(partition) as last,
      encode(min(code_version), 'hex') as "lowestVersion",
      encode(max(code_version), 'hex') as "highestVersion"
    from hourloom.materialization
    where asset = ${asset}
      and partition >= ${new Date(within.start)}
      and partition < ${new Date(within.end)}
      and visible
  `;
  const { made, first, last, lowestVersion, highestVersion } = row;
  if (first === null || last === null || lowestVersion === null) return [];
  const from = windowIndex(window, first.getTime());
  const to = windowIndex(window, last.getTime()) + 1;
  if (lowestVersion !== highestVersion || to - from !== made) return undefined;
  return [{ asset, codeVersion: lowestVersion, from, to }];
}

interface WholeRow {
  readonly made: number;
  readonly first: Date | null;
  readonly last: Date | null;
  readonly lowestVersion: string | null;
  readonly highestVersion: string | null;
}
