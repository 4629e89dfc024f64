import {
  ApplicationFailure,
  continueAsNew,
  patched,
  proxyActivities,
  setCurrentDetails,
  setWorkflowOptions,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import type { Activities } from '../activities/index.ts';
import { addErasureCounts, isNothing, NOTHING_FOUND } from '../model/erasure.ts';
import type { ErasureCounts } from '../model/erasure.ts';
import { parseEraseWorkflowId } from '../model/workflow-id.ts';

const { beginErasure, noteProgress, openErasure, searchDerived, searchPage, searchRows } = proxyActivities<Activities>({
  startToCloseTimeout: '1 hour',
  heartbeatTimeout: '12 seconds',
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '5 minutes', maximumAttempts: 60 },
});

/** A person whose ids lead to ever more ids is not one. */
const MAX_PASSES = 10;

/** How far a run has come; what it began with is nothing. */
export interface EraseInput {
  readonly phase?: 'preview' | 'erase' | 'proof';
  readonly pipeline?: number;
  readonly after?: string;
  /** Of the phase so far, and of all passes of the phase `erase`. */
  readonly found?: ErasureCounts;
  readonly changed?: ErasureCounts;
  readonly learned?: number;
  readonly pass?: number;
}

/**
 * Carries out one request for erasure, whose id is in the workflow's. Nothing of the person is in its input, its steps or
 * its result: these are counts.
 *
 *     preview ──(execute_at)──> erase ──> proof ──> done
 *                                 ^         │
 *                                 └─────────┘ something was found
 */
export async function erase(input: EraseInput = {}): Promise<ErasureCounts> {
  const erasure = readId();
  const { pipelines, executeAt } = await openErasure(erasure);
  let { phase = 'preview', pass = 1, changed = NOTHING_FOUND } = input;
  let resumed: EraseInput = input;

  for (;;) {
    setCurrentDetails(`Phase ${phase}, pass ${pass}`);
    const { found, learned } = await searchAll({ erasure, pipelines, phase, pass, changed, resumed });
    resumed = {};
    if (phase === 'preview') {
      await noteProgress({ erasure, note: { step: 'preview', found } });
      const waitMs = executeAt - Date.now();
      if (waitMs > 0) await sleep(waitMs);
      await beginErasure(erasure);
      phase = 'erase';
      continue;
    }
    if (phase === 'erase') {
      changed = addErasureCounts(changed, found);
      // What was searched before an id came to light may hold it.
      phase = learned > 0 ? 'erase' : 'proof';
    } else if (isNothing(found)) {
      await noteProgress({ erasure, note: { step: 'done', changed, found } });
      return changed;
    } else phase = 'erase';
    pass += 1;
    if (pass > MAX_PASSES) {
      throw ApplicationFailure.nonRetryable(
        `After ${MAX_PASSES} passes the request ${erasure} still finds something. Look which runs bring it, then ask again.`,
        'ErasureUnsettledError',
      );
    }
  }
}

// A bug in workflow code ends the run and is seen, instead of being tried for ever in silence.
setWorkflowOptions({ failureExceptionTypes: [TypeError, RangeError, ReferenceError] }, erase);

interface Search {
  readonly erasure: string;
  readonly pipelines: Awaited<ReturnType<typeof openErasure>>['pipelines'];
  readonly phase: NonNullable<EraseInput['phase']>;
  readonly pass: number;
  readonly changed: ErasureCounts;
  /** Where the run before this one left off. */
  readonly resumed: EraseInput;
}

async function searchAll({
  erasure,
  pipelines,
  phase,
  pass,
  changed,
  resumed,
}: Search): Promise<{ readonly found: ErasureCounts; readonly learned: number }> {
  let { found = NOTHING_FOUND, learned = 0, after } = resumed;
  for (let index = resumed.pipeline ?? 0; index < pipelines.length; index += 1) {
    const pipeline = pipelines[index]!;
    for (;;) {
      const page = await searchPage({ erasure, pipeline, mode: phase === 'erase' ? 'erase' : 'look', after });
      found = addErasureCounts(found, page.found);
      learned += page.learned;
      after = page.after ?? undefined;
      if (after === undefined) break;
      if (workflowInfo().continueAsNewSuggested) {
        await continueAsNew<typeof erase>({ phase, pipeline: index, after, found, changed, learned, pass });
      }
    }
    if (phase !== 'erase') found = addErasureCounts(found, await searchRows({ erasure, pipeline }));
  }
  // Runs that waited for their day when this came have not searched what is derived.
  if (phase !== 'erase' && patched(`derived in ${phase} ${pass}`)) {
    // Only what is computed of clean tables can be asked to be clean.
    const mode = phase === 'proof' && isNothing(found) ? 'settle' : 'look';
    for (const pipeline of pipelines) {
      found = addErasureCounts(found, await searchDerived({ erasure, pipeline, mode }));
    }
  }
  return { found, learned };
}

function readId(): string {
  const { workflowId } = workflowInfo();
  const id = parseEraseWorkflowId(workflowId);
  if (id !== undefined) return id;
  throw ApplicationFailure.nonRetryable(
    `The workflow id "${workflowId}" names no request for erasure. Ask for one with "hourloom erase request".`,
    'WorkflowIdError',
  );
}
