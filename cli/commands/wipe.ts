import type { Lake } from '../../lake/open-lake.ts';
import { tableOf } from '../../model/graph.ts';
import type { AssetNode } from '../../model/graph.ts';
import { formatPartition } from '../../model/window.ts';
import type { Warehouse } from '../../warehouse/open-warehouse.ts';
import type { WipeQuestion } from '../../warehouse/wipe.ts';
import type { Command, CommandContext } from '../command.ts';
import { UsageError } from '../errors.ts';
import { listCurrent } from '../list-current.ts';
import { listWiped } from '../list-wiped.ts';
import { findNode, graphOf } from '../find-asset.ts';
import { readAssetRange } from '../read-asset-range.ts';
import type { AssetRange } from '../read-asset-range.ts';
import type { RangeOptions } from '../read-range.ts';
import { formatRange } from '../read-range.ts';
import { useWarehouse } from '../use-servers.ts';

export interface WipeOptions extends RangeOptions {
  readonly asset: string;
  readonly yes?: boolean;
}

/** Takes partitions of one asset out of the warehouse, each in one transaction behind its fence; only with `--yes`. */
export const wipe: Command<WipeOptions> = async (context, { asset, yes, ...ends }) => {
  const node = findNode(graphOf(await context.loadDefinitions()), asset);
  if (node.window && (ends.from === undefined || ends.to === undefined)) {
    throw new UsageError(`Say which windows of ${asset}: --from, and --to for the one to stop before.`);
  }
  const asked = readAssetRange(node, ends, context.output.note, Date.now());
  await useWarehouse(context, async (warehouse, machine) => {
    const tables = node.kind === 'derived' ? [] : node.pipeline.tables;
    const question = { asset: node.key, table: tableOf(node), tables, within: asked.within };
    if (yes !== true) return refuse(warehouse, node, asked);
    await using lake = question.table?.parquet === true ? await machine.openLake() : undefined;
    const wiped = await wipeAll(context, { warehouse, lake }, node, question);
    const rows = wiped.reduce((sum, partition) => sum + partition.rows, 0);
    context.output.result(
      { asset: node.key, partitions: wiped.length, rows, wiped },
      `Wiped ${countPartitions(wiped.length)} of ${asset}, with ${rows} rows. What was made of it is stale.`,
    );
  });
};

/** Says what would go. */
async function refuse(
  { sql }: Warehouse,
  { key, codeVersion, window }: AssetNode,
  { range, within }: AssetRange,
): Promise<void> {
  const { summarizeAsset } = await import('../../warehouse/summarize-asset.ts');
  const { made } = await summarizeAsset(sql, { asset: key, codeVersion, within });
  throw new UsageError(
    `This would take ${countPartitions(made)} of ${key} out of the warehouse: ${formatRange(window, range)}. Write --yes if that is meant.`,
  );
}

interface Wiped {
  readonly partition: string;
  readonly rows: number;
}

async function wipeAll(
  { output }: CommandContext,
  { warehouse, lake }: { readonly warehouse: Warehouse; readonly lake: Lake | undefined },
  { key, codeVersion, window }: AssetNode,
  question: WipeQuestion,
): Promise<readonly Wiped[]> {
  const [{ wipe: wipePartitions }, { summarizeAsset }] = await Promise.all([
    import('../../warehouse/wipe.ts'),
    import('../../warehouse/summarize-asset.ts'),
  ]);
  const { made } = await summarizeAsset(warehouse.sql, { asset: key, codeVersion, within: question.within });
  const progress = output.progress(`Wiping ${key}`, made);
  const wiped: Wiped[] = [];
  const going = wipePartitions(warehouse, question);
  const { table } = question;
  const listed =
    lake && table && window
      ? listWiped(going, window, (day) => listCurrent({ lake, warehouse }, { table, kind: window, starts: [day] }))
      : going;
  try {
    for await (const { start, rows } of listed) {
      wiped.push({ partition: formatPartition(window, start), rows });
      progress.advance(wiped.length);
    }
  } finally {
    progress.stop();
  }
  return wiped;
}

function countPartitions(count: number): string {
  return count === 1 ? '1 partition' : `${count} partitions`;
}
