import type { DeclaredPipeline } from '../../define/definitions.ts';
import type { HourInput } from '../../model/hour-run.ts';
import { formatPartition, windowOf } from '../../model/window.ts';
import type { Instant } from '../../model/window.ts';
import type { Command } from '../command.ts';
import { RunFailedError, UsageError } from '../errors.ts';
import { findMeant, graphOf } from '../find-asset.ts';
import { findPipeline, readPartition } from '../find-pipeline.ts';
import { openMachine } from '../open-machine.ts';
import { runDerived } from '../run-derived.ts';
import { writeResult } from '../write-result.ts';

export interface RunOptions {
  /** A pipeline, or an asset: of one that is made with others, all are meant. */
  readonly asset: string;
  readonly hour?: string;
  readonly partition?: string;
  readonly until?: string;
  readonly from?: string;
  readonly force?: boolean;
  readonly wait?: boolean;
}

/** Makes one window: starts its run or joins the open one, and with `--wait` stays until it has ended. */
export const run: Command<RunOptions> = async (context, options) => {
  const { config, output } = context;
  const definitions = await context.loadDefinitions();
  const target = findMeant(graphOf(definitions), options.asset, output.note);
  if (target.kind === 'derived') return runDerived(context, target.node.derived, options);
  const pipeline = findPipeline(definitions, target.pipeline.name);
  const start = readWindow(pipeline, options);
  const input = readInput(options);
  const { window, name, settleMs } = pipeline.spec;
  const partition = { pipeline: name, start };

  await using machine = openMachine(context);
  await machine.ensureWorker();
  const [{ startHour }, { reachTemporal }, { followRun }] = await Promise.all([
    import('../../client/start-hour.ts'),
    import('../../client/reach-temporal.ts'),
    import('../../client/follow-run.ts'),
  ]);
  await using connected = await machine.connectTemporal();
  const { handle, joined } = await reachTemporal(connected, (client) =>
    startHour(client, { window, partition, taskQueue: config.taskQueue, input }),
  );

  const { workflowId } = handle;
  for (const line of listUnheeded(input, joined)) output.note(line);
  const started = { pipeline: name, partition: formatPartition(window, start), workflowId, joined };
  if (joined) output.note(`A run of ${started.partition} was open already: joined it.`);
  const settledAt = windowOf(window, start).end + settleMs;
  if (settledAt > Date.now()) {
    output.note(`Its window is over and settled at ${new Date(settledAt).toISOString()}; the run waits until then.`);
  }
  if (options.wait !== true) {
    const verb = joined ? 'Joined' : 'Started';
    output.result(started, `${verb} ${workflowId}. Follow it with --wait, or on Temporal’s page.`);
    return;
  }
  const end = await followRun(connected, handle, output.note);
  output.result(
    { ...started, ...end },
    end.outcome === 'failed' ? '' : writeResult({ workflowId, pipeline: pipeline.spec.name }, end),
  );
  if (end.outcome === 'failed') throw new RunFailedError(`${workflowId} failed: ${end.reason}`);
};

/** The start of the window that is meant. */
function readWindow(pipeline: DeclaredPipeline, { hour, partition }: RunOptions): Instant {
  const { window } = pipeline.spec;
  if (hour !== undefined && partition !== undefined)
    throw new UsageError('Say either --hour or --partition, not both.');
  if (hour !== undefined && window.unit !== 'hour') {
    throw new UsageError(
      `${pipeline.spec.name} has no hours: say --partition ${formatPartition(window, window.first)}`,
    );
  }
  const text = hour ?? partition;
  if (text !== undefined) return readPartition(pipeline, text);
  const option = window.unit === 'hour' ? '--hour' : '--partition';
  throw new UsageError(`Say which window: ${option} ${formatPartition(window, window.first)}`);
}

/** An open run goes on with what it was asked for: what was asked now, and does not reach it, is said. */
function listUnheeded({ force, until, from }: HourInput, joined: boolean): readonly string[] {
  if (!joined || force === true) return [];
  const unheeded = [
    ...(until === undefined ? [] : [`--until ${until}`]),
    ...(from === undefined ? [] : [`--from ${from}`]),
  ];
  return unheeded.map(
    (option) =>
      `${option} does not reach the run that is open: it ends as it was asked for. Run the window again when it has, or add --force to have it go once more so.`,
  );
}

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
