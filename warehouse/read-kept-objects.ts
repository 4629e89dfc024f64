import type { PipelineName } from '../model/asset-key.ts';
import type { Instant } from '../model/window.ts';
import type { Queryable } from './open-warehouse.ts';

/** What the ledger still needs of the lake. */
export interface KeptObjects {
  /** The objects that are current. */
  readonly keys: ReadonlySet<string>;
  /** The starts of windows that somebody began to make not long ago: whatever stands there may be needed. */
  readonly begun: ReadonlySet<Instant>;
}

export interface KeptQuestion {
  readonly pipeline: PipelineName;
  /** The first and the last window, both among it. */
  readonly first: Instant;
  readonly last: Instant;
  /** Windows that were begun after this. */
  readonly begunAfter: Instant;
}

/** Asks which objects of a pipeline's windows are named by the ledger, and which windows are in hand. */
export async function readKeptObjects(
  sql: Queryable,
  { pipeline, first, last, begunAfter }: KeptQuestion,
): Promise<KeptObjects> {
  const named = await sql<{ object_key: string }[]>`
    select object_key
    from hourloom.materialization
    where pipeline = ${pipeline}
      and partition between ${new Date(first)} and ${new Date(last)}
      and visible
      and object_key is not null
  `;
  const begun = await sql<{ partition: Date }[]>`
    select partition
    from hourloom.fence
    where pipeline = ${pipeline}
      and partition between ${new Date(first)} and ${new Date(last)}
      and claimed_at > ${new Date(begunAfter)}
  `;
  return {
    keys: new Set(named.map(({ object_key: key }) => key)),
    begun: new Set(begun.map(({ partition }) => partition.getTime())),
  };
}
