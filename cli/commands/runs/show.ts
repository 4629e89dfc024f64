import type { RunDescription } from '../../../client/describe-run.ts';
import type { Command } from '../../command.ts';
import { UsageError } from '../../errors.ts';
import { formatDuration } from '../../format-time.ts';
import { useServers } from '../../use-servers.ts';

export interface ShowOptions {
  readonly id: string;
}

/** Shows the newest run under a workflow id: how it stands, what it waits for, how it ended. */
export const show: Command<ShowOptions> = async (context, { id }) => {
  const { describeRun } = await import('../../../client/describe-run.ts');
  const run = await useServers(context, ({ temporal }) => describeRun(temporal.client, id));
  if (!run) {
    throw new UsageError(
      `Temporal has no run "${id}". \`hourloom runs list\` shows the ids there are; of older runs the ledger tells: hourloom why.`,
    );
  }
  const { startedAt, endedAt, result = null, failure = null, ...rest } = run;
  const document = { ...rest, startedAt: startedAt.toISOString(), endedAt: endedAt?.toISOString() ?? null };
  context.output.result({ ...document, result, failure }, writeRun(run));
};

function writeRun({ workflowId, state, startedAt, endedAt, pending, result, failure, historyEvents }: RunDescription) {
  const until = endedAt ?? new Date();
  const took = formatDuration(until.getTime() - startedAt.getTime());
  return [
    `${workflowId}: ${state}, started ${startedAt.toISOString()}, ${endedAt ? 'took' : 'for'} ${took}, ${historyEvents} events of history.`,
    ...pending.map(
      ({ name, attempt, lastFailure }) =>
        `  ${name}, attempt ${attempt}${lastFailure === undefined ? '' : `; the one before failed: ${lastFailure}`}`,
    ),
    ...(failure === undefined ? [] : [`Failed: ${failure}`]),
    ...(result === undefined || result === null ? [] : [JSON.stringify(result, null, 2)]),
  ].join('\n');
}
