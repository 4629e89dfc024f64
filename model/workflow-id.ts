import { parsePipelineName } from './asset-key.ts';
import type { PipelineName } from './asset-key.ts';
import type { PartitionRef } from './partition.ts';
import type { WindowKind } from './window.ts';

/** The workflow type that makes one partition, whatever its window. */
export const HOUR_WORKFLOW_TYPE = 'hour';

/**
 * What a schedule of this pipeline must have as its workflow id: the server adds `-<nominal start>`.
 * `hour/door2door` becomes `hour/door2door-2019-06-01T18:00:00Z`.
 */
export function hourWorkflowIdBase(kind: WindowKind, pipeline: PipelineName): string {
  return `${kind.unit}/${pipeline}`;
}

/**
 * The one id under which a partition is made, whoever starts it: schedule, command, backfill or reconcile.
 * Temporal allows one open run for each id, hence one attempt for each partition.
 */
export function hourWorkflowId(kind: WindowKind, partition: PartitionRef): string {
  return `${hourWorkflowIdBase(kind, partition.pipeline)}-${formatScheduledTime(partition.start)}`;
}

/** Reads the partition back from its workflow id; undefined where the id is not one of ours. */
export function parseHourWorkflowId(id: string): PartitionRef | undefined {
  const match = /^(?:hour|day|month|every)\/([^/]+?)-(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z)$/u.exec(id);
  const pipeline = parsePipelineName(match?.[1] ?? '');
  const start = Date.parse(match?.[2] ?? '');
  if (pipeline === undefined || Number.isNaN(start)) return undefined;
  // Date.parse takes 30 February as 2 March; only what prints the same was a real time.
  if (formatScheduledTime(start) !== match?.[2]) return undefined;
  return { pipeline, start };
}

/** As a Temporal Schedule prints the time of its tick: seconds, no fraction, `Z`. */
function formatScheduledTime(start: number): string {
  return `${new Date(start).toISOString().slice(0, 19)}Z`;
}
