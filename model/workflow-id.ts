import { parseAssetKey, parsePipelineName } from './asset-key.ts';
import type { AssetKey, PipelineName } from './asset-key.ts';
import type { DerivedSpec } from './derived-spec.ts';
import { derivedPartition, WHOLE_START } from './partition.ts';
import type { PartitionRef } from './partition.ts';
import type { Instant, WindowKind } from './window.ts';

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
  const start = parseScheduledTime(match?.[2] ?? '');
  return pipeline === undefined || start === undefined ? undefined : { pipeline, start };
}

/** The workflow type that computes one partition of a derived asset. */
export const DERIVE_WORKFLOW_TYPE = 'derive';

/**
 * The one id under which a partition of a derived asset is computed: `derive/door2door/trip-2019-06-01T00:00:00Z`, or
 * `derive/door2door/distance_per_period` where the asset has no windows; `start` is not read then.
 */
export function deriveWorkflowId({ asset, window }: Pick<DerivedSpec, 'asset' | 'window'>, start: Instant): string {
  return window ? `derive/${asset}-${formatScheduledTime(start)}` : `derive/${asset}`;
}

/** Reads asset and start back from the id of a derived partition; undefined where the id is not one of ours. */
export function parseDeriveWorkflowId(id: string): { readonly asset: AssetKey; readonly start: Instant } | undefined {
  const match = /^derive\/([^-]+)(?:-(.*))?$/su.exec(id);
  const asset = parseAssetKey(match?.[1] ?? '');
  const start = match?.[2] === undefined ? WHOLE_START : parseScheduledTime(match[2]);
  return asset === undefined || start === undefined ? undefined : { asset, start };
}

/** The workflow type that takes requests, and the one that carries out one of them. */
export const REQUESTS_WORKFLOW_TYPE = 'requests';
export const BACKFILL_WORKFLOW_TYPE = 'backfill';

/** The workflow type that compares source and ledger. Its schedule has the id that its runs' ids begin with. */
export const RECONCILE_WORKFLOW_TYPE = 'reconcile';

/** The schedule of a pipeline's reconcile. */
export function reconcileScheduleId(pipeline: PipelineName): string {
  return `${RECONCILE_WORKFLOW_TYPE}/${pipeline}`;
}

/** The mailbox for all that a pipeline, or a derived asset under its key, is asked to bring up to date. */
export function requestsWorkflowId(pipeline: PipelineName): string {
  return `${REQUESTS_WORKFLOW_TYPE}/${pipeline}`;
}

/** Reads the name back from its mailbox's id; undefined where the id is not one of ours. */
export function parseRequestsWorkflowId(id: string): PipelineName | undefined {
  const name = /^requests\/(.*)$/su.exec(id)?.[1] ?? '';
  const asset = name.includes('/') ? parseAssetKey(name) : undefined;
  return asset === undefined ? parsePipelineName(name) : derivedPartition(asset, WHOLE_START).pipeline;
}

/** The run that carries out one request. */
export function backfillWorkflowId(requestId: string): string {
  return `${BACKFILL_WORKFLOW_TYPE}/${requestId}`;
}

/** Reads the request's id back from its run's; undefined where the id is not one of ours. */
export function parseBackfillWorkflowId(id: string): string | undefined {
  return /^backfill\/(.+)$/su.exec(id)?.[1];
}

/** The workflow type that erases one person. */
export const ERASE_WORKFLOW_TYPE = 'erase';

/** The run that carries out one request for erasure: `erase/<the request's random id>`. */
export function eraseWorkflowId(erasure: string): string {
  return `${ERASE_WORKFLOW_TYPE}/${erasure}`;
}

/** Reads the request's id back from its run's; undefined where the id is not one of ours. */
export function parseEraseWorkflowId(id: string): string | undefined {
  return /^erase\/([0-9a-f-]{36})$/u.exec(id)?.[1];
}

/** The workflow type that has a pipeline's due requests for erasure carried out. Its schedule has the id that its runs' ids begin with. */
export const ERASURES_WORKFLOW_TYPE = 'erasures';

/** The schedule of a pipeline's erasures. */
export function erasuresScheduleId(pipeline: PipelineName): string {
  return `${ERASURES_WORKFLOW_TYPE}/${pipeline}`;
}

/** As a Temporal Schedule prints the time of its tick: seconds, no fraction, `Z`. */
function formatScheduledTime(start: number): string {
  return `${new Date(start).toISOString().slice(0, 19)}Z`;
}

/** The inverse of `formatScheduledTime`. */
function parseScheduledTime(text: string): Instant | undefined {
  const start = Date.parse(text);
  if (Number.isNaN(start)) return undefined;
  // Date.parse takes 30 February as 2 March, and other spellings; only what prints the same was a real time.
  return formatScheduledTime(start) === text ? start : undefined;
}
