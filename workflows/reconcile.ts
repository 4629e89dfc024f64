import { proxyActivities, setCurrentDetails, setWorkflowOptions, upsertSearchAttributes } from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import type { ReconcileInput } from '../activities/reconcile/find-to-reconcile.ts';
import { pipelineAttribute } from './search-attributes.ts';

/** The schedule comes again soon: what takes longer or fails more often is left to the next pass. */
const { findToReconcile, startFound, surveyPart } = proxyActivities<Activities>({
  startToCloseTimeout: '10 minutes',
  heartbeatTimeout: '12 seconds',
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '1 minute', maximumAttempts: 5 },
});

/** What a pass found and started. */
export interface ReconcileResult {
  readonly hours: number;
  readonly derived: number;
}

/**
 * Compares source and ledger of a pipeline, and starts what is missing, late or changed. It waits for none of it. Once a
 * day it goes, part by part, through the whole source for objects that belong to no window.
 */
export async function reconcile(input: ReconcileInput): Promise<ReconcileResult> {
  upsertSearchAttributes([{ key: pipelineAttribute, value: input.pipeline }]);
  const found = await findToReconcile(input);
  const { hours, derived } = found;
  if (hours.length > 0 || derived.length > 0) await startFound(found);
  setCurrentDetails(`${hours.length} hours and ${derived.length} derived partitions were started.`);
  if (found.isSurveyDue === true) await surveyPart(input);
  return { hours: hours.length, derived: derived.length };
}

// A bug in workflow code ends the run and is seen, instead of being tried for ever in silence.
setWorkflowOptions({ failureExceptionTypes: [TypeError, RangeError, ReferenceError] }, reconcile);
