import { formatPartition } from '../../model/window.ts';
import { hourWorkflowId } from '../../model/workflow-id.ts';
import type { HourInput, HourResult } from '../../model/hour-run.ts';
import type { StartedHour } from '../../client/start-hour.ts';
import type { Command } from '../command.ts';
import { RunFailedError, UsageError } from '../errors.ts';
import { findPipeline, readPartition } from '../find-pipeline.ts';
import { formatTable } from '../format-table.ts';
import { openMachine } from '../open-machine.ts';

export interface RunOptions {
  readonly pipeline: string;
  readonly hour?: string;
  readonly partition?: string;
  readonly until?: string;
  readonly from?: string;
  readonly force?: boolean;
  readonly wait?: boolean;
}

/** Makes one window: starts its run or joins the open one, and with `--wait` stays until it has ended. */
export const run: Command<RunOptions> = async (context, options) => {
  const pipeline = findPipeline(await context.loadDefinitions(), options.pipeline);
  const text = options.hour ?? options.partition;
  if (text === undefined)
    throw new UsageError(
      `Say which window: --hour ${formatPartition(pipeline.spec.window, pipeline.spec.window.first)}`,
    );
  if (options.hour !== undefined && options.partition !== undefined)
    throw new UsageError('Say either --hour or --partition, not both.');
  const start = readPartition(pipeline, text);
  const input = readInput(options);
  const { window, name } = pipeline.spec;
  const partition = { pipeline: name, start };

  await using machine = await openMachine(context);
  const { connectClient } = await import('../../client/connect-client.ts');
  const { startHour } = await import('../../client/start-hour.ts');
  await using connected = await connectClient(machine.temporalAddress);
  const { handle, joined } = await startHour(connected.client, {
    window,
    partition,
    taskQueue: context.config.taskQueue,
    input,
  });

  const started = {
    pipeline: name,
    partition: formatPartition(window, start),
    workflowId: hourWorkflowId(window, partition),
    joined,
  };
  if (joined) context.output.note(`A run of ${started.partition} was open already: joined it.`);
  if (options.wait !== true) {
    context.output.result(
      started,
      `${joined ? 'Joined' : 'Started'} ${started.workflowId}. Follow it with --wait, or on Temporal's page.`,
    );
    return;
  }
  const result = await waitForHour(handle, started.workflowId);
  context.output.result({ ...started, ...result }, writeResult(started.workflowId, result));
};

function readInput({ until, from, force }: RunOptions): HourInput {
  if (until !== undefined && until !== 'merge')
    throw new UsageError(`--until "${until}" is no step to stop after. There is: merge.`);
  if (from !== undefined && from !== 'transform')
    throw new UsageError(`--from "${from}" is no step to begin with. There is: transform.`);
  if (until !== undefined && from !== undefined)
    throw new UsageError('--until merge and --from transform leave nothing to do. Say one of them.');
  return {
    ...(force === true ? { force } : {}),
    ...(until === undefined ? {} : { until }),
    ...(from === undefined ? {} : { from }),
  };
}

/** The run's result, or a `RunFailedError` with the reason that a person can act upon. */
async function waitForHour(handle: StartedHour['handle'], workflowId: string): Promise<HourResult> {
  const { WorkflowFailedError } = await import('@temporalio/client');
  try {
    return await handle.result();
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    let cause: Error = error;
    while (cause.cause instanceof Error) cause = cause.cause;
    throw new RunFailedError(`${workflowId} failed: ${cause.message}`);
  }
}

function writeResult(workflowId: string, { outcome, data, counts, rows }: HourResult): string {
  const lines =
    counts.lines === null
      ? ''
      : `, ${counts.lines} lines: ${counts.good} good, ${counts.duplicate} duplicate, ${counts.quarantined} quarantined`;
  const heading = `${workflowId}: ${outcome}, ${data}. ${counts.files} files${lines}.`;
  const tables = Object.entries(rows);
  return tables.length === 0 ? heading : `${heading}\n${formatTable([['asset', 'rows'], ...tables])}`;
}
