import type { DeriveResult } from '../model/derive-run.ts';
import type { DerivedSpec } from '../model/derived-spec.ts';
import { formatPartition } from '../model/window.ts';
import type { CommandContext } from './command.ts';
import { RunFailedError, UsageError } from './errors.ts';
import { readStartOf } from './find-asset.ts';
import { useTemporal } from './use-servers.ts';

/** What `run` was told of a derived partition; the rest of its options are of pipelines alone. */
export interface RunDerivedOptions {
  readonly hour?: string;
  readonly partition?: string;
  readonly until?: string;
  readonly from?: string;
  readonly force?: boolean;
  readonly wait?: boolean;
}

/** Computes one partition of a derived asset: starts its run or joins the open one, which then goes round once more. */
export async function runDerived(
  context: CommandContext,
  derived: DerivedSpec,
  options: RunDerivedOptions,
): Promise<void> {
  const { config, output } = context;
  const { asset, window } = derived;
  assertFits(asset, options);
  const start = readStartOf(asset, window, options.hour ?? options.partition);
  const partition = formatPartition(window, start);

  await useTemporal(context, async (connected) => {
    const [{ startDerive }, { followRun }] = await Promise.all([
      import('../client/start-derive.ts'),
      import('../client/follow-run.ts'),
    ]);
    const { handle, joined } = await startDerive(connected.client, {
      derived,
      start,
      taskQueue: config.taskQueue,
      input: options.force === true ? { force: true } : {},
    });
    const { workflowId } = handle;
    const started = { pipeline: asset, partition, workflowId, joined };
    if (joined) output.note(`A run of ${asset} ${partition} was open already: joined it, and it computes once more.`);
    if (options.wait !== true) {
      const verb = joined ? 'Joined' : 'Started';
      return output.result(started, `${verb} ${workflowId}. Follow it with --wait, or on Temporal’s page.`);
    }
    const end = await followRun(connected, handle, output.note);
    output.result({ ...started, ...end }, end.outcome === 'failed' ? '' : writeResult(workflowId, end));
    if (end.outcome === 'failed') throw new RunFailedError(`${workflowId} failed: ${end.reason}`);
  });
}

function assertFits(asset: string, { hour, partition, until, from }: RunDerivedOptions): void {
  if (hour !== undefined && partition !== undefined) {
    throw new UsageError('Say either --hour or --partition, not both.');
  }
  if (until === undefined && from === undefined) return;
  throw new UsageError(`${asset} is computed in one step: --until and --from are of pipelines. Leave them out.`);
}

function writeResult(workflowId: string, { outcome, inputs, expected, rows }: DeriveResult): string {
  return `${workflowId}: ${outcome}. ${rows} rows, of ${inputs} of ${expected} inputs.`;
}
