import type { AssetKey } from '../model/asset-key.ts';
import type { Instant } from '../model/window.ts';
import type { Fragment, Queryable } from './open-warehouse.ts';

/** What is asked of the quarantine. Only what visible loads hold back is in it. */
export interface QuarantineQuestion {
  /** The merged objects and tables of the pipelines whose loads are looked through. */
  readonly assets: readonly AssetKey[];
  /** Only rows of this asset; undefined: of all of them. */
  readonly asset: AssetKey | undefined;
  /** Partitions from `start` to before `end`; undefined: open. */
  readonly start: Instant | undefined;
  readonly end: Instant | undefined;
  readonly reason: string | undefined;
  /** Whole files that could not be used, or lines. */
  readonly what: 'lines' | 'files';
  /** How many records are given at most; the groups count all that are kept. */
  readonly limit: number;
}

/** How many rows of an asset are held back for one reason. */
export interface QuarantineGroup {
  readonly asset: AssetKey;
  readonly reason: string;
  readonly count: number;
  readonly partitions: number;
}

/** A line or a file that is held back. */
export interface QuarantinedRecord {
  readonly asset: AssetKey;
  readonly start: Instant;
  readonly sourceKey: string;
  /** 0 for a whole file. */
  readonly line: number;
  readonly reason: string;
  readonly detail: string;
  readonly excerpt: string;
}

export interface ReadQuarantine {
  /** The most frequent first. */
  readonly groups: readonly QuarantineGroup[];
  /** By partition and place. */
  readonly records: readonly QuarantinedRecord[];
}

/** Reads what is held back: grouped by reason, and the first of them. */
export async function readQuarantine(sql: Queryable, question: QuarantineQuestion): Promise<ReadQuarantine> {
  if (question.assets.length === 0) return { groups: [], records: [] };
  const held = findHeld(sql, question);
  const groups = await sql<QuarantineGroup[]>`
    select asset, reason, count(*) as count, count(distinct partition) as partitions
    ${held}
    group by asset, reason
    order by count desc, asset, reason
  `;
  const rows = await sql<(Omit<QuarantinedRecord, 'start'> & { readonly partition: Date })[]>`
    select asset, partition, source_key as "sourceKey", line, reason, detail, excerpt
    ${held}
    order by partition, number
    limit ${question.limit}
  `;
  return { groups, records: rows.map(({ partition, ...row }) => ({ ...row, start: partition.getTime() })) };
}

/** By the ledger's indexes of partitions that hold something back: few among many. */
function findHeld(sql: Queryable, question: QuarantineQuestion): Fragment {
  const { assets, asset, reason, what } = question;
  const counted =
    what === 'lines' ? sql`(counts ->> 'quarantined')::bigint > 0` : sql`(counts ->> 'rejected')::bigint > 0`;
  return sql`
    from (
      select quarantine.asset, partition, source_key, line, reason, detail, excerpt, number
      from (
        select distinct load_id, partition
        from hourloom.materialization
        where asset in ${sql(assets)}
          and visible
          and ${counted}
          ${inRange(sql, question)}
      ) as load
      join hourloom.quarantine using (load_id)
      where ${what === 'lines' ? sql`line > 0` : sql`line = 0`}
      ${what === 'lines' ? sql`union all ${findRuled(sql, question)}` : sql``}
    ) as held
    where true
      ${asset === undefined ? sql`` : sql`and asset = ${asset}`}
      ${reason === undefined ? sql`` : sql`and reason = ${reason}`}
  `;
}

/** The records that rules over the whole set hold back: behind those that broke a contract. Their rows are in their table. */
function findRuled(sql: Queryable, question: QuarantineQuestion): Fragment {
  return sql`
    select
      asset, partition, source_key, line, reason, detail, '',
      row_number() over (order by source_key collate "C", line) + ${RULED_FROM}::bigint
    from hourloom.ruled_partition
    join hourloom.materialization as made using (asset, partition)
    join hourloom.ruling using (asset, load_id)
    where asset in ${sql(question.assets)}
      and made.visible
      and held > 0
      ${inRange(sql, question)}
  `;
}

/** No record in quarantine has so high a number. */
const RULED_FROM = 2 ** 52;

function inRange(sql: Queryable, { start, end }: QuarantineQuestion): Fragment {
  return sql`
    ${start === undefined ? sql`` : sql`and partition >= ${new Date(start)}`}
    ${end === undefined ? sql`` : sql`and partition < ${new Date(end)}`}
  `;
}
