import { activityInfo } from '@temporalio/activity';
import type { RunLog } from '../model/attempt-note.ts';
import { BREAKER_NOTE } from '../model/health.ts';
import type { PartitionRef } from '../model/partition.ts';
import type { PipelineSpec } from '../model/pipeline-spec.ts';
import { windowOf } from '../model/window.ts';
import { countNewestFailures } from '../warehouse/count-newest-failures.ts';
import { recordFailure as writeFailure } from '../warehouse/record-failure.ts';
import type { Dependencies } from './dependencies.ts';
import { digestTried } from './digest-tried.ts';
import { keepNote } from './keep-note.ts';
import { writeLines } from './make/attempt-log.ts';
import { createRedact } from './make/redact.ts';
import { lookAfterHealth } from './look-after-health.ts';

export interface FailureInput {
  readonly partition: PartitionRef;
  /** One sentence for a person. */
  readonly reason: string;
  /** Whether the same run could have gone well at another time. */
  readonly retryable: boolean;
  /** What the run found its input to be; undefined where it failed before it could know. */
  readonly inputDigest?: string | undefined;
  /** A backfill's failures are its own to tell: they stop nobody else. */
  readonly backfill?: boolean;
  /** What its steps said; absent in histories from before it was kept. */
  readonly log?: RunLog;
}

/** So many of the newest windows that fail in a row are no chance: nothing more is started until a person looked. */
export const BREAKER_FAILURES = 5;

/**
 * Keeps the end of a failed run for longer than Temporal does. Where the newest windows fail one after the other, the
 * pipeline is paused, with a note that says why. What that means for the health of its assets is noted at once; what a
 * backfill meets is found by the next pass of reconcile.
 */
export async function recordFailure(
  dependencies: Dependencies,
  { partition, reason, retryable, inputDigest, backfill, log }: FailureInput,
): Promise<void> {
  const tried = await digestTried(dependencies, partition, inputDigest);
  // An activity of a workflow always has one; Temporal's types allow for others.
  const runId = activityInfo().workflowExecution?.runId;
  await writeFailure(dependencies.warehouse, partition, {
    reason,
    retryable,
    ...(runId === undefined ? {} : { runId }),
    ...(tried === undefined ? {} : { tried }),
  });
  const pipeline = dependencies.pipelines.get(partition.pipeline)?.spec;
  if (pipeline && backfill !== true) await breakAfterFailures(dependencies, pipeline, reason);
  if (pipeline && log) {
    const lines = writeLines(log.lines, createRedact(dependencies.secrets.values()));
    const note = { partition, window: pipeline.window, loadId: log.fence, step: 'run', failed: true, lines } as const;
    await keepNote(dependencies, { ...note, meta: undefined });
  }
  if (backfill === true) return;
  await lookAfterHealth(dependencies, pipeline ?? partition);
}

async function breakAfterFailures(
  { warehouse, starter }: Pick<Dependencies, 'warehouse' | 'starter'>,
  { name, window }: PipelineSpec,
  reason: string,
): Promise<void> {
  const before = windowOf(window, Date.now()).start;
  const failures = await countNewestFailures(warehouse.sql, { pipeline: name, before, limit: BREAKER_FAILURES });
  if (failures < BREAKER_FAILURES) return;
  const schedule = await starter.readSchedule(window, name);
  if (!schedule || schedule.paused) return;
  const note = `${BREAKER_NOTE} the newest ${BREAKER_FAILURES} windows failed in a row, the last with: ${reason}`;
  await starter.pauseSchedule(window, name, note.slice(0, MAX_NOTE_LENGTH));
}

const MAX_NOTE_LENGTH = 500;
