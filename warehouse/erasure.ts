import type { PipelineName } from '../model/asset-key.ts';
import type { ErasureCounts } from '../model/erasure.ts';
import type { Instant } from '../model/window.ts';
import type { KeyedIdentifier } from '../record/erasure-key.ts';
import type { Fragment, Queryable } from './open-warehouse.ts';

/** A request for erasure as it stands. Whose it is can be told by nobody without the key, and by it only by asking. */
export interface Erasure {
  /** Random; of a request in a file, a keyed digest of what it names and the day. */
  readonly id: string;
  readonly pipelines: readonly PipelineName[];
  readonly identifiers: readonly KeyedIdentifier[];
  readonly state: 'waiting' | 'running' | 'done';
  readonly askedAt: Instant;
  readonly executeAt: Instant;
  readonly endedAt: Instant | undefined;
  /** What was found before, what was done, and what was found after. */
  readonly preview: ErasureCounts | undefined;
  readonly counts: ErasureCounts | undefined;
  readonly proof: ErasureCounts | undefined;
}

/** A row as `erasureColumns` reads it. */
export interface ErasureRow {
  readonly id: string;
  readonly pipelines: readonly PipelineName[];
  readonly identifiers: readonly KeyedIdentifier[];
  readonly state: Erasure['state'];
  readonly asked_at: Date;
  readonly execute_at: Date;
  readonly ended_at: Date | null;
  readonly preview: ErasureCounts | null;
  readonly counts: ErasureCounts | null;
  readonly proof: ErasureCounts | null;
}

export function erasureColumns(sql: Queryable): Fragment {
  return sql`id, pipelines, identifiers, state, asked_at, execute_at, ended_at, preview, counts, proof`;
}

export function toErasure(row: ErasureRow): Erasure {
  return {
    id: row.id,
    pipelines: row.pipelines,
    identifiers: row.identifiers,
    state: row.state,
    askedAt: row.asked_at.getTime(),
    executeAt: row.execute_at.getTime(),
    endedAt: row.ended_at?.getTime(),
    preview: row.preview ?? undefined,
    counts: row.counts ?? undefined,
    proof: row.proof ?? undefined,
  };
}
