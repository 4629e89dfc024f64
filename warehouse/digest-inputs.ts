import assert from 'node:assert/strict';
import type { InputWindows } from '../model/list-inputs.ts';
import type { Instant } from '../model/window.ts';
import { sha256Hex } from '../record/sha256-hex.ts';
import type { Queryable } from './open-warehouse.ts';

/** What is visible of all the inputs of one derived partition. */
export interface InputDigest {
  /**
   * sha256 over the visible loads, 64 hex digits: a line `<asset> <partition's start in ms> <load id>` for each, sorted
   * by asset and start and joined by line feeds. It changes when any of them is made again, comes or goes. Where rules
   * over the whole set hold records back, or did, the number of the last ruling follows: that may come with another load.
   */
  readonly digest: string;
  /** How many of the partitions are made. */
  readonly made: number;
  /** When the newest of them was published; undefined where none is made. */
  readonly publishedAt: Instant | undefined;
}

/** How many derived partitions one statement may be asked about. */
export const MAX_DIGESTS = 5_000;

/**
 * The state of the inputs of each of these derived partitions, in their order, in one statement: all of them at one
 * moment. The loads stay on the server, so that an asset which reads 200,000 partitions costs one line of answer.
 */
export async function digestInputs(
  sql: Queryable,
  partitions: readonly (readonly InputWindows[])[],
): Promise<readonly InputDigest[]> {
  assert(partitions.length <= MAX_DIGESTS, `at most ${MAX_DIGESTS} partitions are asked about at once`);
  const wanted = partitions.flatMap((ranges, number) =>
    ranges.map(({ asset, start, end }) => ({ number, asset, from: new Date(start), to: new Date(end) })),
  );
  const rows = await sql<{ number: number; digest: string; made: number; published_at: Date }[]>`
    select
      wanted.number,
      encode(
        sha256(convert_to(string_agg(loads.lines, E'\n' order by wanted.asset collate "C", wanted.from), 'UTF8')),
        'hex'
      ) as digest,
      sum(loads.made)::bigint as made,
      max(loads.published_at) as published_at
    from jsonb_to_recordset(${sql.json(wanted)}) as wanted (number integer, asset text, "from" timestamptz, "to" timestamptz)
    cross join lateral (
      -- An aggregate of its own for each range: as a plain join it would compare every range with every partition.
      select
        count(*) as made,
        string_agg(
          format('%s %s %s', made.asset, (extract(epoch from made.partition) * 1000)::bigint, made.load_id)
            || coalesce(' ' || ruled.ruling, ''),
          E'\n' order by made.partition
        ) as lines,
        max(greatest(made.published_at, ruled.ruled_at)) as published_at
      from hourloom.materialization as made
      left join hourloom.ruled_partition as ruled using (asset, partition)
      where made.asset = wanted.asset
        and made.partition >= wanted.from
        and made.partition < wanted.to
        and made.visible
    ) as loads
    where loads.made > 0
    group by wanted.number
  `;
  const found = new Map(rows.map((row) => [row.number, row]));
  return partitions.map((_, number): InputDigest => {
    const row = found.get(number);
    if (!row) return { digest: sha256Hex(''), made: 0, publishedAt: undefined };
    return { digest: row.digest, made: row.made, publishedAt: row.published_at.getTime() };
  });
}
