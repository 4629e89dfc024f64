import type { Client } from '@temporalio/client';
import { parseHourWorkflowId, HOUR_WORKFLOW_TYPE } from '../model/workflow-id.ts';
import type { PartitionRef } from '../model/partition.ts';

/** A window's run that has not ended. */
export interface OpenRun {
  readonly partition: PartitionRef;
  readonly workflowId: string;
  readonly runId: string;
  readonly startedAt: Date;
}

/** The open runs of all pipelines, newest first, as Temporal shows them; `limit` at most. */
export async function listOpenRuns(client: Client, { limit }: { readonly limit: number }): Promise<readonly OpenRun[]> {
  const query = `WorkflowType = "${HOUR_WORKFLOW_TYPE}" and ExecutionStatus = "Running"`;
  const runs: OpenRun[] = [];
  for await (const { workflowId, runId, startTime } of client.workflow.list({
    query,
    pageSize: Math.min(limit, 200),
  })) {
    const partition = parseHourWorkflowId(workflowId);
    if (partition) runs.push({ partition, workflowId, runId, startedAt: startTime });
    if (runs.length >= limit) break;
  }
  return runs;
}
