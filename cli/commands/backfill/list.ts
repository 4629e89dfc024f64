import type { Backfill } from '../../../warehouse/backfill.ts';
import { describeBackfill } from '../../describe-backfill.ts';
import type { BackfillDocument } from '../../describe-backfill.ts';
import type { Command } from '../../command.ts';
import { graphOf } from '../../find-asset.ts';
import { formatTable } from '../../format-table.ts';
import { useWarehouse } from '../../use-servers.ts';

const MAX_LISTED = 50;

/** Lists the newest backfills, open and ended. */
export const list: Command = async (context) => {
  const graph = graphOf(await context.loadDefinitions());
  const { listBackfills } = await import('../../../warehouse/list-backfills.ts');
  const backfills = await useWarehouse(context, ({ sql }) => listBackfills(sql, { limit: MAX_LISTED }));
  const documents = backfills.map((backfill: Backfill) => describeBackfill(graph, backfill));
  context.output.result({ backfills: documents }, writeList(documents));
};

function writeList(documents: readonly BackfillDocument[]): string {
  if (documents.length === 0)
    return 'No backfill was asked for yet. `hourloom backfill plan <asset>` says what one would make.';
  const waits = documents.some(({ counts }) => counts['waiting'] !== undefined);
  const rows = documents.map(({ id, state, total, counts, createdAt }) => [
    id,
    state,
    total,
    counts['made'] ?? 0,
    counts['unchanged'] ?? 0,
    ...(waits ? [counts['waiting'] ?? 0] : []),
    counts['failed'] ?? 0,
    createdAt,
  ]);
  const outcomes = ['made', 'unchanged', ...(waits ? ['waiting'] : []), 'failed'];
  return formatTable([['backfill', 'state', 'windows', ...outcomes, 'asked at'], ...rows]);
}
