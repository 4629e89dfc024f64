import type { Meta, NoteStep } from '../model/attempt-note.ts';
import type { PartitionRef } from '../model/partition.ts';
import type { StoredObject } from '../model/source-object.ts';
import type { Warehouse } from './open-warehouse.ts';
import { reachWarehouse } from './reach-warehouse.ts';

/** What one attempt leaves behind for people. */
export interface AttemptNote {
  readonly partition: PartitionRef;
  /** The fence that it held; undefined where it had none yet. */
  readonly loadId: number | undefined;
  readonly step: NoteStep;
  /** Of the run as the engine knows it. */
  readonly runId: string | undefined;
  readonly failed: boolean;
  readonly meta: Meta | undefined;
  /** Its log in the lake; undefined where nothing was said. */
  readonly log: Pick<StoredObject, 'key' | 'size'> | undefined;
}

/** A window that fails every six hours for ever must not fill a table. */
const MAX_KEPT = 20;

/** Keeps the note, and of the partition's older ones the latest 20. Safe to repeat. */
export async function writeAttemptNote(warehouse: Warehouse, note: AttemptNote): Promise<void> {
  const { partition, loadId = 0, step, runId = null, failed, meta, log } = note;
  const { pipeline } = partition;
  const start = new Date(partition.start);
  await reachWarehouse(warehouse, async (sql) => {
    await sql`
      insert into hourloom.attempt_note (
        pipeline, partition, load_id, step, run_id, failed, meta, log_key, log_size, created_at
      )
      values (
        ${pipeline}, ${start}, ${loadId}, ${step}, ${runId}, ${failed}, ${meta ? sql.json(meta) : null},
        ${log?.key ?? null}, ${log?.size ?? null}, clock_timestamp()
      )
      on conflict (pipeline, partition, load_id, step) do update
      set
        run_id = excluded.run_id,
        failed = excluded.failed,
        meta = excluded.meta,
        log_key = excluded.log_key,
        log_size = excluded.log_size,
        created_at = excluded.created_at
    `;
    await sql`
      delete from hourloom.attempt_note
      where (pipeline, partition, load_id, step) in (
        select pipeline, partition, load_id, step
        from hourloom.attempt_note
        where pipeline = ${pipeline}
          and partition = ${start}
        order by created_at desc
        offset ${MAX_KEPT}
      )
    `;
  });
}
