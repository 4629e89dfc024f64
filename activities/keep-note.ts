import { activityInfo, log as activityLog } from '@temporalio/activity';
import { partitionPrefix } from '../lake/object-keys.ts';
import type { Lake } from '../lake/open-lake.ts';
import { putContentAddressed } from '../lake/put-content-addressed.ts';
import type { StoredObject } from '../model/source-object.ts';
import type { WindowKind } from '../model/window.ts';
import type { AttemptNote } from '../warehouse/write-attempt-note.ts';
import { writeAttemptNote } from '../warehouse/write-attempt-note.ts';
import type { Dependencies } from './dependencies.ts';

/** What was said during an attempt. */
export interface SpokenNote extends Omit<AttemptNote, 'log' | 'runId'> {
  readonly window: WindowKind;
  /** JSON lines; empty where nothing was said. */
  readonly lines: Buffer;
}

/** It is written after an attempt was given up, too: then nobody's signal says when to stop. */
const WITHIN_MS = 8_000;

/**
 * Keeps the log of an attempt as one object of the lake, and its values in the warehouse. What cannot be kept is told to
 * the worker's own log: that must neither fail what went well nor hide why something failed.
 */
export async function keepNote(
  { lake, warehouse }: Pick<Dependencies, 'lake' | 'warehouse'>,
  { window, lines, ...note }: SpokenNote,
): Promise<void> {
  // An activity of a workflow always has one; Temporal's types allow for others.
  const runId = activityInfo().workflowExecution?.runId;
  try {
    const log = lines.length === 0 ? undefined : await putLines(lake, window, note.partition, lines);
    await writeAttemptNote(warehouse, { ...note, runId, log });
  } catch (error) {
    activityLog.warn('The log of an attempt could not be kept.', { partition: note.partition, error });
  }
}

function putLines(
  lake: Lake,
  window: WindowKind,
  partition: AttemptNote['partition'],
  lines: Buffer,
): Promise<StoredObject> {
  return putContentAddressed(lake, {
    prefix: partitionPrefix('logs', window, partition),
    suffix: '.jsonl',
    signal: AbortSignal.timeout(WITHIN_MS),
    write: (sink) => sink.write(lines),
  });
}
