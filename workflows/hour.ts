import {
  ApplicationFailure,
  defineSignal,
  isCancellation,
  setCurrentDetails,
  setHandler,
  setWorkflowOptions,
  sleep,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { explainAwaited } from '../model/awaited-documents.ts';
import type { DescribedPipeline, HourInput, HourResult } from '../model/hour-run.ts';
import type { PartitionRef } from '../model/partition.ts';
import { formatPartition, windowOf } from '../model/window.ts';
import { parseHourWorkflowId } from '../model/workflow-id.ts';
import { announceMade } from './announce-made.ts';
import { listCurrent } from './list-current.ts';
import { makePartition } from './make-partition.ts';
import type { Tried } from './make-partition.ts';
import { readFailure } from './read-failure.ts';
import { outcomeAttribute, partitionAttribute, pipelineAttribute } from './search-attributes.ts';
import { describePipeline, recordFailure } from './short-steps.ts';

/** Asks an open run to make its window once more when it has made it. */
export const goAgainSignal = defineSignal<[HourInput]>('goAgain');

/**
 * One window of one pipeline, whole. The window is read from the workflow's id, so that schedule, command, backfill
 * and reconcile can only ever mean the same run.
 *
 *     waiting ──(window over and settled)──> making ──> made │ unchanged │ waiting (for documents)
 *                                              ^  │
 *                                              └──┘ goAgain
 */
export async function hour(input: HourInput = {}): Promise<HourResult> {
  const partition = readPartition();
  const asked: HourInput[] = [input];
  setHandler(goAgainSignal, (again) => void asked.push(again));
  const tried: Tried = { inputDigest: undefined, fence: undefined, lines: [] };

  try {
    const pipeline = input.described ?? (await describe(partition));
    await waitUntilSettled(partition, pipeline);
    let result: HourResult | undefined;
    for (let next = asked.shift(); next; next = asked.shift()) {
      result = await makePartition(partition, pipeline, next, tried);
      if (isToList(pipeline, next, result)) await listCurrent(partition);
      if (isToAnnounce(pipeline, next, result)) await announceMade({ kind: 'hour', partition });
    }
    if (!result) throw ApplicationFailure.nonRetryable('A run is asked for at least once.', 'BugError');
    showResult(result);
    return result;
  } catch (error) {
    if (!isCancellation(error)) {
      const backfill = input.backfill === true;
      const failure = readFailure(error);
      const lines = [...tried.lines, { at: Date.now(), text: `The run failed: ${failure.reason}` }];
      const { inputDigest, fence } = tried;
      await recordFailure({ partition, ...failure, inputDigest, backfill, log: { fence, lines } });
    }
    throw error;
  }
}

// A bug in workflow code ends the run and is seen, instead of being tried for ever in silence.
setWorkflowOptions({ failureExceptionTypes: [TypeError, RangeError, ReferenceError] }, hour);

function readPartition(): PartitionRef {
  const { workflowId } = workflowInfo();
  const partition = parseHourWorkflowId(workflowId);
  if (partition) return partition;
  throw ApplicationFailure.nonRetryable(
    `The workflow id "${workflowId}" names no window. Start windows with "hourloom run", or under an id such as hour/door2door-2019-06-01T18:00:00Z.`,
    'WorkflowIdError',
  );
}

async function describe(partition: PartitionRef): Promise<DescribedPipeline> {
  const pipeline = await describePipeline(partition);
  upsertSearchAttributes([
    { key: pipelineAttribute, value: partition.pipeline },
    { key: partitionAttribute, value: formatPartition(pipeline.window, partition.start) },
  ]);
  return pipeline;
}

/** Returns when the window is over and late writers had their time to finish. */
async function waitUntilSettled(partition: PartitionRef, { window, settleMs }: DescribedPipeline): Promise<void> {
  const { start, end } = windowOf(window, partition.start);
  if (start !== partition.start) {
    throw ApplicationFailure.nonRetryable(
      `${new Date(partition.start).toISOString()} is not the start of a window of ${partition.pipeline}.`,
      'WorkflowIdError',
    );
  }
  const waitMs = end + settleMs - Date.now();
  if (waitMs <= 0) return;
  setCurrentDetails(
    `Waiting until ${new Date(end + settleMs).toISOString()}: the window ends at ${new Date(end).toISOString()} and its files settle after that.`,
  );
  await sleep(waitMs);
}

/** Only where something reads the window, so that the hours of most pipelines have no step for it. */
function isToAnnounce({ isRead }: DescribedPipeline, { announce, until }: HourInput, { outcome }: HourResult): boolean {
  return isRead === true && announce !== false && until === undefined && outcome === 'made';
}

/** Only where there is Parquet, so that other hours have no step for it. */
function isToList({ hasParquet }: DescribedPipeline, { list, until }: HourInput, { outcome }: HourResult): boolean {
  return hasParquet === true && list !== false && until === undefined && outcome === 'made';
}

function showResult({ outcome, counts, rows, awaited }: HourResult): void {
  upsertSearchAttributes([{ key: outcomeAttribute, value: outcome }]);
  if (awaited) return setCurrentDetails(`**${outcome}**: ${explainAwaited(awaited)}`);
  const tables = Object.entries(rows).map(([asset, count]) => `- ${asset}: ${count} rows`);
  const lines =
    counts.lines === null
      ? ''
      : `, ${counts.lines} lines (${counts.duplicate} duplicate, ${counts.quarantined} quarantined)`;
  setCurrentDetails([`**${outcome}**: ${counts.files} files${lines}`, '', ...tables].join('\n'));
}
