import type { Client } from '@temporalio/client';
import type { PipelineName } from '../model/asset-key.ts';
import type { BackfillRequest } from '../model/backfill.ts';
import { REQUESTS_WORKFLOW_TYPE, requestsWorkflowId } from '../model/workflow-id.ts';
import type { requests } from '../workflows/requests.ts';

export interface RequestBackfillOptions {
  /** Or a derived asset by its key: see `derivedPartition`. */
  readonly pipeline: PipelineName;
  readonly request: BackfillRequest;
  readonly taskQueue: string;
}

/**
 * Asks for windows to be made. It is on record when this returns, also where no worker is up; asking again under the
 * same id is asking once. What falls to it is decided when a worker accepts it: windows that an open backfill of the
 * same target has already are left to that one.
 */
export async function requestBackfill(
  client: Client,
  { pipeline, request, taskQueue }: RequestBackfillOptions,
): Promise<void> {
  await client.workflow.signalWithStart<typeof requests, [BackfillRequest]>(REQUESTS_WORKFLOW_TYPE, {
    taskQueue,
    workflowId: requestsWorkflowId(pipeline),
    signal: 'request',
    signalArgs: [request],
  });
}
