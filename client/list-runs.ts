import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import type { AssetKey, PipelineName } from '../model/asset-key.ts';
import { DERIVE_WORKFLOW_TYPE, HOUR_WORKFLOW_TYPE } from '../model/workflow-id.ts';

/** How a run stands, as Temporal has it. */
export type RunState = 'running' | 'completed' | 'failed' | 'cancelled' | 'terminated' | 'timed out' | 'continued';

/** One run of a window or a backfill, open or ended. */
export interface Run {
  readonly workflowId: string;
  readonly runId: string;
  /** The workflow's type: `hour`, `derive`, `backfill`. */
  readonly type: string;
  readonly state: RunState;
  readonly startedAt: Date;
  readonly endedAt: Date | undefined;
}

export interface ListRunsOptions {
  /** Of this pipeline's or derived asset's windows only. */
  readonly maker?: PipelineName | AssetKey;
  readonly state: 'open' | 'failed' | 'all';
  readonly limit: number;
}

/** What of it makes windows; mailboxes and housekeeping are no runs that anybody looks for. */
const TYPES = [HOUR_WORKFLOW_TYPE, DERIVE_WORKFLOW_TYPE, 'backfill'];

/** Runs, newest first, for as long as Temporal keeps them; `limit` at most. */
export async function listRuns(client: Client, { maker, state, limit }: ListRunsOptions): Promise<readonly Run[]> {
  const conditions = [`WorkflowType in (${TYPES.map(quote).join(', ')})`, ...stateConditions(state)];
  if (maker !== undefined) conditions.push(`(${idPrefixes(maker).map(startsWith).join(' or ')})`);
  const runs: Run[] = [];
  for await (const info of client.workflow.list({ query: conditions.join(' and '), pageSize: Math.min(limit, 200) })) {
    runs.push(describeRunInfo(info));
    if (runs.length >= limit) break;
  }
  return runs;
}

/** A run as Temporal's list or description tells it. */
export function describeRunInfo(
  info: Pick<WorkflowExecutionInfo, 'workflowId' | 'runId' | 'type' | 'status' | 'startTime' | 'closeTime'>,
): Run {
  return {
    workflowId: info.workflowId,
    runId: info.runId,
    type: info.type,
    state: stateOf(info.status.name),
    startedAt: info.startTime,
    endedAt: info.closeTime,
  };
}

function stateConditions(state: ListRunsOptions['state']): readonly string[] {
  switch (state) {
    case 'all':
      return [];
    case 'open':
      return ['ExecutionStatus = "Running"'];
    case 'failed':
      return ['ExecutionStatus in ("Failed", "TimedOut", "Terminated")'];
  }
}

/** An id is `<kind>/<maker>-<start>`, or `derive/<asset>` where there are no windows. */
function idPrefixes(maker: string): readonly string[] {
  if (maker.includes('/')) return [`derive/${maker}-`, `derive/${maker}`];
  return ['hour', 'day', 'month', 'every'].map((unit) => `${unit}/${maker}-`);
}

function startsWith(prefix: string): string {
  return prefix.endsWith('-') ? `WorkflowId STARTS_WITH ${quote(prefix)}` : `WorkflowId = ${quote(prefix)}`;
}

function quote(text: string): string {
  return `"${text}"`;
}

function stateOf(name: WorkflowExecutionInfo['status']['name']): RunState {
  switch (name) {
    case 'COMPLETED':
      return 'completed';
    case 'FAILED':
      return 'failed';
    case 'CANCELLED':
      return 'cancelled';
    case 'TERMINATED':
      return 'terminated';
    case 'TIMED_OUT':
      return 'timed out';
    case 'CONTINUED_AS_NEW':
      return 'continued';
    default:
      return 'running';
  }
}
