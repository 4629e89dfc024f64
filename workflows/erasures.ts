import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  continueAsNew,
  isCancellation,
  log,
  ParentClosePolicy,
  proxyActivities,
  setCurrentDetails,
  setWorkflowOptions,
  startChild,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import type { PipelineName } from '../model/asset-key.ts';
import { eraseWorkflowId } from '../model/workflow-id.ts';
import { erase } from './erase.ts';
import { pipelineAttribute } from './search-attributes.ts';

const { findDue } = proxyActivities<Activities>({
  startToCloseTimeout: '15 seconds',
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '5 minutes', maximumAttempts: 60 },
});

/** Each reads all merged objects of its pipelines, and live hours want the same slots. */
const AT_ONCE = 4;

export interface ErasuresInput {
  readonly pipeline: PipelineName;
  /** How far the runs before this one have come. */
  readonly after?: string;
  readonly counts?: ErasuresResult;
}

/** What became of the requests that were due. */
export interface ErasuresResult {
  readonly done: number;
  readonly failed: number;
  /** Somebody else had started them, and they go on. */
  readonly open: number;
}

/**
 * Has every request for erasure carried out that is due in a pipeline, a few at once, and waits for them. One that fails
 * stops no other, and is tried again the next day.
 */
export async function erasures({
  pipeline,
  after,
  counts = { done: 0, failed: 0, open: 0 },
}: ErasuresInput): Promise<ErasuresResult> {
  upsertSearchAttributes([{ key: pipelineAttribute, value: pipeline }]);
  const page = await findDue({ pipeline, after });
  const result = { ...counts };
  const waiting = page.due.values();
  const eraseNext = async (): Promise<void> => {
    for (const id of waiting) {
      result[await eraseOne(id)] += 1;
      setCurrentDetails(`${result.done} done, ${result.failed} failed, ${result.open} open already`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, eraseNext));
  if (page.after !== null) await continueAsNew<typeof erasures>({ pipeline, after: page.after, counts: result });
  return result;
}

// A bug in workflow code ends the run and is seen, instead of being tried for ever in silence.
setWorkflowOptions({ failureExceptionTypes: [TypeError, RangeError, ReferenceError] }, erasures);

/** A run of its own, so that it goes on whatever becomes of this one. */
async function eraseOne(id: string): Promise<keyof ErasuresResult> {
  try {
    const run = await startChild(erase, {
      workflowId: eraseWorkflowId(id),
      parentClosePolicy: ParentClosePolicy.ABANDON,
      args: [],
    });
    await run.result();
    return 'done';
  } catch (error) {
    if (isCancellation(error)) throw error;
    if (error instanceof WorkflowExecutionAlreadyStartedError) return 'open';
    log.warn('An erasure failed; it is tried again the next day.', { id, error });
    return 'failed';
  }
}
