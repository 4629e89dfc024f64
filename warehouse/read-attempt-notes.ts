import type { Meta, NoteStep } from '../model/attempt-note.ts';
import type { PartitionRef } from '../model/partition.ts';
import type { StoredObject } from '../model/source-object.ts';
import type { Instant } from '../model/window.ts';
import type { Queryable } from './open-warehouse.ts';

/** A note as it is kept. */
export interface KeptNote {
  /** 0 where the attempt failed before it claimed a fence. */
  readonly loadId: number;
  readonly step: NoteStep;
  readonly runId: string | undefined;
  readonly failed: boolean;
  readonly meta: Meta | undefined;
  readonly log: Pick<StoredObject, 'key' | 'size'> | undefined;
  readonly createdAt: Instant;
}

/** The notes of a partition, the oldest first: at most the 20 that are kept. */
export async function readAttemptNotes(
  sql: Queryable,
  { pipeline, start }: PartitionRef,
): Promise<readonly KeptNote[]> {
  const rows = await sql<NoteRow[]>`
    select load_id, step, run_id, failed, meta, log_key, log_size, created_at
    from hourloom.attempt_note
    where pipeline = ${pipeline}
      and partition = ${new Date(start)}
    order by created_at, load_id, step
  `;
  return rows.map((row) => ({
    loadId: row.load_id,
    step: row.step,
    runId: row.run_id ?? undefined,
    failed: row.failed,
    meta: row.meta ?? undefined,
    log: row.log_key === null ? undefined : { key: row.log_key, size: row.log_size ?? 0 },
    createdAt: row.created_at.getTime(),
  }));
}

interface NoteRow {
  readonly load_id: number;
  readonly step: NoteStep;
  readonly run_id: string | null;
  readonly failed: boolean;
  readonly meta: Meta | null;
  readonly log_key: string | null;
  readonly log_size: number | null;
  readonly created_at: Date;
}
