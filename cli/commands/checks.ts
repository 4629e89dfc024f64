import type { AssetNode } from '../../model/graph.ts';
import type { KeptCheckResult } from '../../warehouse/read-check-results.ts';
import type { Command } from '../command.ts';
import { describeCheckResult, sayCheckResult } from '../describe-check-result.ts';
import { findNode, graphOf } from '../find-asset.ts';
import { formatTable } from '../format-table.ts';
import { readAssetRange } from '../read-asset-range.ts';
import type { RangeOptions } from '../read-range.ts';
import { useWarehouse } from '../use-servers.ts';

export interface ChecksOptions extends RangeOptions {
  readonly asset: string;
  readonly failed?: boolean;
}

const MAX_LISTED = 1_000;

/** Lists what checks said of an asset's windows: of the rows that are visible, and of a newer attempt that was refused. */
export const checks: Command<ChecksOptions> = async (context, { asset, failed = false, ...ends }) => {
  const node = findNode(graphOf(await context.loadDefinitions()), asset);
  const { within } = readAssetRange(node, ends, context.output.note, Date.now());
  const { readCheckResults } = await import('../../warehouse/read-check-results.ts');
  const found = await useWarehouse(context, ({ sql }) =>
    readCheckResults(sql, { asset: node.key, within, failed, limit: MAX_LISTED + 1 }),
  );
  const listed = found.slice(0, MAX_LISTED);
  const truncated = found.length > MAX_LISTED;
  context.output.result(
    { asset: node.key, checks: listed.map((result) => describeCheckResult(node, result)), truncated },
    writeChecks(node, listed, { failed, truncated }),
  );
};

function writeChecks(
  node: AssetNode,
  results: readonly KeptCheckResult[],
  { failed, truncated }: { readonly failed: boolean; readonly truncated: boolean },
): string {
  if (results.length === 0) {
    return failed ? `No check of ${node.key} failed there.` : `No check said anything of ${node.key} there.`;
  }
  const rows = results.map((result) => {
    const { partition, name, detail } = describeCheckResult(node, result);
    return [partition, name, sayCheckResult(result), detail];
  });
  const table = formatTable([['partition', 'check', 'result', 'found'], ...rows]);
  return truncated ? `${table}\nThere are more; narrow it by --from and --to, or by --failed.` : table;
}
