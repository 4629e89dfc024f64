import { nodeOf } from '../../../model/graph.ts';
import { windowOf } from '../../../model/window.ts';
import type { Command } from '../../command.ts';
import { graphOf, readPartitionOf } from '../../find-asset.ts';
import { readHeldAssets } from '../../read-held-assets.ts';
import { useWarehouse } from '../../use-servers.ts';
import { describeRecord, writeText } from '../../write-quarantine.ts';
import type { DescribedRecord } from '../../write-quarantine.ts';
import { readLimit } from './list.ts';

export interface QuarantineShowOptions {
  readonly asset: string;
  readonly partition: string;
  readonly limit: string;
}

/** Shows what one window holds back, files first: each record whole, as far as it is kept. */
export const show: Command<QuarantineShowOptions> = async (context, { asset, partition, limit }) => {
  const graph = graphOf(await context.loadDefinitions());
  const meant = readHeldAssets(graph, asset);
  const [first] = meant.assets;
  const start = readPartitionOf(nodeOf(graph, meant.asset ?? first!), partition);
  const most = readLimit(limit);
  const kind = meant.pipelines[0]!.window;
  const question = { ...meant, start, end: windowOf(kind, start).end, reason: undefined, limit: most };
  const { files, lines } = await useWarehouse(context, async ({ sql }) => {
    const { readQuarantine } = await import('../../../warehouse/read-quarantine.ts');
    return {
      files: await readQuarantine(sql, { ...question, what: 'files' }),
      lines: await readQuarantine(sql, { ...question, what: 'lines' }),
    };
  });
  const total = [...files.groups, ...lines.groups].reduce((sum, { count }) => sum + count, 0);
  const records = [...files.records, ...lines.records].slice(0, most).map((record) => describeRecord(graph, record));
  const document = { asset, partition, total, records, truncated: records.length < total };
  context.output.result(document, writeRecords(document));
};

interface ShowDocument {
  readonly asset: string;
  readonly partition: string;
  readonly total: number;
  readonly records: readonly DescribedRecord[];
  readonly truncated: boolean;
}

function writeRecords({ asset, partition, total, records, truncated }: ShowDocument): string {
  if (total === 0) return `${asset} ${partition} holds nothing back.`;
  const parts = records.map((record) => {
    const place =
      record.line === 0 ? writeText(record.sourceKey, 1_024) : `${writeText(record.sourceKey, 1_024)}:${record.line}`;
    const head = `${place}\n  ${record.asset}: ${record.reason}: ${writeText(record.detail, 1_000)}`;
    return record.excerpt === '' ? head : `${head}\n  ${writeText(record.excerpt, 4_000)}`;
  });
  if (truncated) parts.push(`The first ${records.length} of ${total}. --limit shows more.`);
  return parts.join('\n\n');
}
