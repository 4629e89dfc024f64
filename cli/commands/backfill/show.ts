import type { Backfill } from '../../../warehouse/backfill.ts';
import type { BackfillProgress } from '../../../model/backfill.ts';
import type { Command } from '../../command.ts';
import { describeBackfill } from '../../describe-backfill.ts';
import type { BackfillDocument } from '../../describe-backfill.ts';
import { UsageError } from '../../errors.ts';
import { graphOf } from '../../find-asset.ts';
import { askProgress } from '../../follow-backfill.ts';
import { useServers } from '../../use-servers.ts';
import { formatWindows } from '../../write-plan.ts';
import { describeProgress, writeProgress } from '../../write-progress.ts';

export interface ShowOptions {
  readonly id: string;
}

/** Shows one backfill: what fell to it, how far it is, what failed. */
export const show: Command<ShowOptions> = async (context, { id }) => {
  const graph = graphOf(await context.loadDefinitions());
  const { readBackfill } = await import('../../../warehouse/read-backfill.ts');
  const { backfill, progress } = await useServers(context, async ({ warehouse, temporal }) => ({
    backfill: await readBackfill(warehouse.sql, id),
    progress: await askProgress(temporal, id),
  }));
  if (!backfill) throw new UsageError(explainAbsent(id));
  const document = describeBackfill(graph, backfill);
  context.output.result(
    { ...document, progress: progress ? describeProgress(progress) : null },
    write(backfill, document, progress),
  );
};

/** A request that no worker has taken yet is in its mailbox, where nobody can see it. */
export function explainAbsent(id: string): string {
  return `There is no backfill "${id}", or no worker has taken the request yet. \`hourloom backfill list\` shows those there are.`;
}

function write(
  { id }: Backfill,
  { state, total, windows, counts }: BackfillDocument,
  progress: BackfillProgress | undefined,
): string {
  const named = (windows ?? [])
    .map(({ from, to, count }) => (from === to ? from : `from ${from} to before ${to} (${count})`))
    .join(', ');
  const heading = `${formatWindows(total)}: ${named === '' ? 'all of them were others’' : named}.`;
  if (progress) return `${heading}\n${writeProgress(id, progress)}`;
  const written = Object.entries(counts)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ');
  return `${heading}\n${id}: ${state}${written === '' ? '' : `, ${written}`}`;
}
