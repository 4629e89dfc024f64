import type { Run } from '../../../client/list-runs.ts';
import type { Command } from '../../command.ts';
import { UsageError } from '../../errors.ts';
import { findMaker, graphOf } from '../../find-asset.ts';
import { formatTable } from '../../format-table.ts';
import { formatDuration } from '../../format-time.ts';
import { useServers } from '../../use-servers.ts';

export interface ListOptions {
  readonly asset?: string;
  readonly state: string;
  readonly lines: string;
}

const MAX_LISTED = 1_000;

/** Lists runs of windows and backfills, for as long as Temporal keeps them. */
export const list: Command<ListOptions> = async (context, { asset, state, lines }) => {
  if (state !== 'open' && state !== 'failed' && state !== 'all') {
    throw new UsageError(`--state "${state}" is no state. There is: open, failed, all.`);
  }
  const limit = Number(lines);
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LISTED) {
    throw new UsageError(`-n "${lines}" is no number of lines. Write one from 1 to ${MAX_LISTED}.`);
  }
  const maker = asset === undefined ? undefined : findMaker(graphOf(await context.loadDefinitions()), asset);
  const { listRuns } = await import('../../../client/list-runs.ts');
  const runs = await useServers(context, ({ temporal }) =>
    listRuns(temporal.client, { state, limit, ...(maker === undefined ? {} : { maker }) }),
  );
  context.output.result({ runs: runs.map(describe) }, writeRuns(runs));
};

function describe({ startedAt, endedAt, ...run }: Run) {
  return { ...run, startedAt: startedAt.toISOString(), endedAt: endedAt?.toISOString() ?? null };
}

function writeRuns(runs: readonly Run[]): string {
  if (runs.length === 0)
    return 'No runs. Temporal keeps those that ended for a time only; the ledger keeps what they made.';
  const rows = runs.map(({ workflowId, state, startedAt, endedAt }) => [
    workflowId,
    state,
    startedAt.toISOString(),
    endedAt ? formatDuration(endedAt.getTime() - startedAt.getTime()) : null,
  ]);
  return formatTable([['run', 'state', 'started', 'took'], ...rows]);
}
