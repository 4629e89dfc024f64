import {
  ApplicationFailure,
  ContinueAsNew,
  continueAsNew,
  defineSignal,
  isCancellation,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  setWorkflowOptions,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { DerivedTarget } from '../activities/derive/describe-derived.ts';
import type { Activities } from '../activities/index.ts';
import type { DeriveInput, DeriveResult } from '../model/derive-run.ts';
import { derivedPartition } from '../model/partition.ts';
import { parseDeriveWorkflowId } from '../model/workflow-id.ts';
import { activityQueue } from './activity-queue.ts';
import { againWhenOvertaken } from './again-when-overtaken.ts';
import { announceMade } from './announce-made.ts';
import { readFailure } from './read-failure.ts';
import { outcomeAttribute, partitionAttribute, pipelineAttribute } from './search-attributes.ts';
import { describeDerived, recordFailure } from './short-steps.ts';

/** Says that an input was made: what is being computed is computed once more; forced, also where nothing changed. */
export const inputMadeSignal = defineSignal<[Pick<DeriveInput, 'force'>?]>('inputMade');

/**
 * One partition of a derived asset, computed from what is there of its inputs. Asset and partition are read from the
 * workflow's id. Inputs that are made while it computes send it round again; many of them at once are one round.
 *
 *     computing ──> made │ unchanged │ incomplete
 *       ^   │
 *       └───┘ inputMade
 */
export async function derive(input: DeriveInput = {}): Promise<DeriveResult> {
  const target = readTarget();
  let isAskedAgain = false;
  let force = input.force ?? false;
  setHandler(inputMadeSignal, (again) => {
    isAskedAgain = true;
    force ||= again?.force === true;
  });

  try {
    const { partition, isRead } = await describeDerived(target);
    upsertSearchAttributes([
      { key: pipelineAttribute, value: target.asset },
      { key: partitionAttribute, value: partition },
    ]);
    const { computeDerived } = proxyActivities<Activities>({
      ...activityQueue(input),
      startToCloseTimeout: '1 hour',
      heartbeatTimeout: '12 seconds',
      retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '5 minutes', maximumAttempts: 60 },
    });
    for (;;) {
      const asked = { ...target, force };
      isAskedAgain = false;
      force = false;
      const result = await againWhenOvertaken(() => computeDerived(asked));
      if (result.outcome === 'made' && isRead && input.announce !== false) {
        await announceMade({ kind: 'derived', ...target });
      }
      if (!isAskedAgain) return showResult(result);
      // The signals of a busy day would fill a history: the next round begins another.
      if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof derive>({ ...input, force });
    }
  } catch (error) {
    if (isCancellation(error) || error instanceof ContinueAsNew) throw error;
    await recordFailure({ partition: derivedPartition(target.asset, target.start), ...readFailure(error) });
    throw error;
  }
}

// A bug in workflow code ends the run and is seen, instead of being tried for ever in silence.
setWorkflowOptions({ failureExceptionTypes: [TypeError, RangeError, ReferenceError] }, derive);

function readTarget(): DerivedTarget {
  const { workflowId } = workflowInfo();
  const target = parseDeriveWorkflowId(workflowId);
  if (target) return target;
  throw ApplicationFailure.nonRetryable(
    `The workflow id "${workflowId}" names no partition of a derived asset. Such an id is derive/door2door/trips-2019-06-01T00:00:00Z.`,
    'WorkflowIdError',
  );
}

function showResult(result: DeriveResult): DeriveResult {
  const { outcome, inputs, expected, rows } = result;
  upsertSearchAttributes([{ key: outcomeAttribute, value: outcome }]);
  setCurrentDetails(`**${outcome}**: ${inputs} of ${expected} inputs, ${rows} rows`);
  return result;
}
