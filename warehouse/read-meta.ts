import type { AssetKey, PipelineName } from '../model/asset-key.ts';
import type { Meta } from '../model/attempt-note.ts';
import type { Instant, Window } from '../model/window.ts';
import type { Queryable } from './open-warehouse.ts';

/** Whose values to read: those noted when the visible rows of this asset were made. */
export interface MetaQuestion {
  readonly pipeline: PipelineName;
  readonly asset: AssetKey;
  readonly within: Window;
  /** The newest windows only. */
  readonly limit: number;
}

/** What was noted of one window. */
export interface PartitionMeta {
  readonly start: Instant;
  readonly meta: Meta;
}

/** The values of each window, the newest first. A window that was loaded again from the lake keeps those of its making. */
export async function readMeta(
  sql: Queryable,
  { pipeline, asset, within, limit }: MetaQuestion,
): Promise<readonly PartitionMeta[]> {
  const rows = await sql<{ partition: Date; meta: Meta }[]>`
    select distinct on (note.partition) note.partition, note.meta
    from hourloom.attempt_note as note
    join hourloom.materialization as made
      on made.asset = ${asset}
      and made.partition = note.partition
      and made.visible
      and made.load_id >= note.load_id
    where note.pipeline = ${pipeline}
      and note.partition >= ${new Date(within.start)}
      and note.partition < ${new Date(within.end)}
      and note.step = 'make'
      and not note.failed
      and note.meta is not null
    order by note.partition desc, note.load_id desc
    limit ${limit}
  `;
  return rows.map(({ partition, meta }) => ({ start: partition.getTime(), meta }));
}
