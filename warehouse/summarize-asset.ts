import type { AssetKey } from '../model/asset-key.ts';
import type { Instant, Window } from '../model/window.ts';
import type { Queryable } from './open-warehouse.ts';

/** Which of an asset's partitions to count, and by which code they should be made. */
export interface AssetQuestion {
  readonly asset: AssetKey;
  /** Of the asset as it is defined now: 64 hex digits. */
  readonly codeVersion: string;
  /** Partitions that start within it; left out: all. */
  readonly within?: Window;
}

/** How many of an asset's partitions are in each state. `made` is the sum of the three. */
export interface AssetStates {
  readonly made: number;
  /** By the code of today, and something was there. */
  readonly fresh: number;
  /** By the code of today, of nothing. */
  readonly empty: number;
  /** By other code. Those whose input changed are not known here. */
  readonly stale: number;
  /** The starts of the first and the last that are made; undefined where none is. */
  readonly oldest: Instant | undefined;
  readonly newest: Instant | undefined;
}

/** Counts what is visible of one asset, from an index alone. The cheap condition comes first: it saves a third. */
export async function summarizeAsset(
  sql: Queryable,
  { asset, codeVersion, within }: AssetQuestion,
): Promise<AssetStates> {
  const visible = sql`
    from hourloom.materialization
    where asset = ${asset}
      and visible
      ${within ? sql`and partition >= ${new Date(within.start)} and partition < ${new Date(within.end)}` : sql``}
  `;
  const [row] = await sql<[StatesRow]>`
    select
      count(*) as made,
      count(*) filter (where code_version = decode(${codeVersion}, 'hex')) as current,
      count(*) filter (where empty and code_version = decode(${codeVersion}, 'hex')) as empty,
      (select min(partition) ${visible}) as oldest,
      (select max(partition) ${visible}) as newest
    ${visible}
  `;
  const { made, current, empty, oldest, newest } = row;
  return {
    made,
    fresh: current - empty,
    empty,
    stale: made - current,
    oldest: oldest?.getTime(),
    newest: newest?.getTime(),
  };
}

interface StatesRow {
  readonly made: number;
  /** By the code of today. */
  readonly current: number;
  readonly empty: number;
  readonly oldest: Date | null;
  readonly newest: Date | null;
}
