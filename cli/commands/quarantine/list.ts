import type { Command } from '../../command.ts';
import { UsageError } from '../../errors.ts';
import { graphOf } from '../../find-asset.ts';
import { formatTable } from '../../format-table.ts';
import { readHeldAssets } from '../../read-held-assets.ts';
import type { RangeOptions } from '../../read-range.ts';
import { readTimeRange } from '../../read-time-range.ts';
import { useWarehouse } from '../../use-servers.ts';
import { describeRecord, writeText } from '../../write-quarantine.ts';
import type { DescribedRecord } from '../../write-quarantine.ts';

export interface QuarantineListOptions extends RangeOptions {
  readonly asset?: string;
  readonly reason?: string;
  readonly limit: string;
  readonly files?: boolean;
}

/** Lists what is held back, by reason and then one by one: lines, or with `--files` whole files. */
export const list: Command<QuarantineListOptions> = async (context, { asset, reason, limit, files, ...ends }) => {
  const graph = graphOf(await context.loadDefinitions());
  const meant = readHeldAssets(graph, asset);
  const { start, end } = readTimeRange(ends, Date.now());
  const question = { ...meant, start, end, reason, what: files === true ? ('files' as const) : ('lines' as const) };
  const most = readLimit(limit);
  const { groups, records } = await useWarehouse(context, async ({ sql }) => {
    const { readQuarantine } = await import('../../../warehouse/read-quarantine.ts');
    return readQuarantine(sql, { ...question, limit: most });
  });
  const total = groups.reduce((sum, { count }) => sum + count, 0);
  const described = records.map((record) => describeRecord(graph, record));
  const document = { what: question.what, total, groups, records: described, truncated: records.length < total };
  context.output.result(document, writeList(document));
};

const MAX_LIMIT = 10_000;

/** How many are printed at most. */
export function readLimit(text: string): number {
  const limit = Number(text);
  if (Number.isInteger(limit) && limit >= 1 && limit <= MAX_LIMIT) return limit;
  throw new UsageError(`--limit "${text}" is no number of records. Write one from 1 to ${MAX_LIMIT}.`);
}

interface ListDocument {
  readonly what: 'lines' | 'files';
  readonly total: number;
  readonly groups: readonly {
    readonly asset: string;
    readonly reason: string;
    readonly count: number;
    readonly partitions: number;
  }[];
  readonly records: readonly DescribedRecord[];
  readonly truncated: boolean;
}

/** How much of a record one line shows. */
const MAX_SHOWN = 60;

function writeList({ what, total, groups, records, truncated }: ListDocument): string {
  if (total === 0) return what === 'lines' ? 'No line is held back.' : 'No file is held back.';
  const parts = [
    formatTable([
      ['asset', 'reason', what, 'windows'],
      ...groups.map(({ asset, reason, count, partitions }) => [asset, reason, count, partitions]),
    ]),
    formatTable([
      ['window', 'asset', 'file', ...(what === 'lines' ? ['line'] : []), 'reason', 'detail', 'record'],
      ...records.map(({ partition, asset, sourceKey, line, reason, detail, excerpt }) => [
        ...[partition, asset, writeText(sourceKey, 1_024)],
        ...(what === 'lines' ? [line] : []),
        ...[reason, writeText(detail, MAX_SHOWN), writeText(excerpt, MAX_SHOWN)],
      ]),
    ]),
  ];
  if (truncated)
    parts.push(`The first ${records.length} of ${total}. --limit shows more, quarantine show all of one window.`);
  return parts.join('\n\n');
}
