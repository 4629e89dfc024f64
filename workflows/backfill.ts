import {
  allHandlersFinished,
  ApplicationFailure,
  CancellationScope,
  condition,
  ContinueAsNew,
  continueAsNew,
  defineQuery,
  defineSignal,
  isCancellation,
  proxyActivities,
  setHandler,
  setWorkflowOptions,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import { clampWidth } from '../model/backfill.ts';
import type { BackfillProgress } from '../model/backfill.ts';
import { parseBackfillWorkflowId } from '../model/workflow-id.ts';
import { BackfillLoop } from './backfill-loop.ts';
import { beginRun, createRun, retryFailed } from './backfill-run.ts';
import type { BackfillRun } from './backfill-run.ts';
import { pipelineAttribute } from './search-attributes.ts';

const { openBackfill } = proxyActivities<Activities>({
  startToCloseTimeout: '1 minute',
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '5 minutes', maximumAttempts: 60 },
});

/** Starts no more runs; those that are open end. */
export const pauseSignal = defineSignal('pause');
export const resumeSignal = defineSignal('resume');
/** Changes how many runs are open at once; none of those that are is stopped. */
export const widthSignal = defineSignal<[number]>('width');
/** Ends it: its open runs are cancelled, and leave their windows as they were. */
export const cancelSignal = defineSignal('cancel');
/** Makes those that failed once more, before the others. */
export const retrySignal = defineSignal('retry');
export const progressQuery = defineQuery<BackfillProgress>('progress');

export interface BackfillInput {
  /** Where the run before this one left off; who starts a backfill gives none. */
  readonly run?: BackfillRun;
}

/**
 * Carries out one request, whose id is in the workflow's: page by page what was asked for, then in waves what is derived
 * from it. As many at once as its width says, each a run of its own that outlives this one.
 *
 *     running <──pause, resume──> paused
 *        │                          │
 *        └──> done │ cancelled <────┘
 */
export async function backfill({ run: before }: BackfillInput = {}): Promise<BackfillProgress> {
  const id = readId();
  const run = before ?? createRun(Date.now());
  const loop = new BackfillLoop(id, run);
  handleSteering(loop, run);
  try {
    if (!before) {
      const opened = await openBackfill(id);
      upsertSearchAttributes([{ key: pipelineAttribute, value: opened.pipeline }]);
      beginRun(run, opened);
    }
    const end = await loop.carryOut();
    if (end === 'long') {
      await condition(allHandlersFinished);
      await continueAsNew<typeof backfill>({ run });
    }
    return await loop.close(run.cancelled ? 'cancelled' : 'done');
  } catch (error) {
    if (error instanceof ContinueAsNew) throw error;
    return await CancellationScope.nonCancellable(async () => {
      if (!isCancellation(error)) {
        await loop.close('failed');
        throw error;
      }
      run.cancelled = true;
      return loop.close('cancelled');
    });
  }
}

// A bug in workflow code ends the run and is seen, instead of being tried for ever in silence.
setWorkflowOptions({ failureExceptionTypes: [TypeError, RangeError, ReferenceError] }, backfill);

function readId(): string {
  const { workflowId } = workflowInfo();
  const id = parseBackfillWorkflowId(workflowId);
  if (id !== undefined) return id;
  throw ApplicationFailure.nonRetryable(
    `The workflow id "${workflowId}" names no backfill. Ask for one with "hourloom backfill start".`,
    'WorkflowIdError',
  );
}

function handleSteering(loop: BackfillLoop, run: BackfillRun): void {
  setHandler(progressQuery, () => loop.describe());
  setHandler(pauseSignal, () => loop.change(() => void (run.paused = true)));
  setHandler(resumeSignal, () => loop.change(() => Object.assign(run, { paused: false, endedAt: [] })));
  setHandler(widthSignal, (width) => loop.change(() => void (run.width = clampWidth(width))));
  setHandler(retrySignal, () => loop.change(() => retryFailed(run)));
  setHandler(cancelSignal, () => {
    loop.change(() => void (run.cancelled = true));
    loop.cancelOpen();
  });
}
