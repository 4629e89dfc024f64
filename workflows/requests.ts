import {
  allHandlersFinished,
  ApplicationFailure,
  condition,
  continueAsNew,
  defineSignal,
  log,
  proxyActivities,
  setHandler,
  setWorkflowOptions,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import type { BackfillRequest } from '../model/backfill.ts';
import { parseRequestsWorkflowId } from '../model/workflow-id.ts';

/** What was asked for must not be lost, however long the warehouse is away: this is tried until it goes well. */
const { acceptRequests } = proxyActivities<Activities>({
  startToCloseTimeout: '1 minute',
  retry: { initialInterval: '1 second', maximumInterval: '1 minute' },
});

/** Keeps a step's input far below what a payload may hold. */
const MAX_BATCH = 100;

/** A run's history is kept short; the next one begins with an empty mailbox, because this one empties it first. */
const MAX_EVENTS = 1_000;

/** Asks for windows to be made. */
export const requestSignal = defineSignal<[BackfillRequest]>('request');

/**
 * The mailbox of a pipeline or a derived asset. A signal only lays its request in; the loop hands them on, in the order they came, so that
 * nothing that was asked for depends on a run that is about to end. It ends when it has been empty for a while; the
 * next request begins it again.
 */
export async function requests(): Promise<void> {
  const pipeline = parseRequestsWorkflowId(workflowInfo().workflowId);
  if (pipeline === undefined) {
    throw ApplicationFailure.nonRetryable(
      `The workflow id "${workflowInfo().workflowId}" names no mailbox. Ask with "hourloom backfill start".`,
      'WorkflowIdError',
    );
  }
  const waiting: BackfillRequest[] = [];
  setHandler(requestSignal, (request) => void waiting.push(request));

  // Asked once more after the time is up: a request may come in the very task that the timer ends.
  while ((await condition(() => waiting.length > 0, '10 seconds')) || waiting.length > 0) {
    while (waiting.length > 0) {
      const refused = await acceptRequests({ pipeline, requests: waiting.splice(0, MAX_BATCH) });
      for (const { id, reason } of refused) log.warn('A request was refused.', { pipeline, id, reason });
    }
    if (workflowInfo().historyLength < MAX_EVENTS) continue;
    await condition(allHandlersFinished);
    // No await from here to the end: what comes now is the next run's.
    if (waiting.length === 0) await continueAsNew<typeof requests>();
  }
}

// A bug in workflow code ends the run and is seen, instead of being tried for ever in silence.
setWorkflowOptions({ failureExceptionTypes: [TypeError, RangeError, ReferenceError] }, requests);
