import { describeSource } from '../../model/describe-source.ts';
import type { AssetKey } from '../../model/asset-key.ts';
import type { ReadSpec } from '../../model/derived-spec.ts';
import { planWaves } from '../../model/graph.ts';
import type { AssetGraph, AssetNode } from '../../model/graph.ts';
import type { Mapping } from '../../model/mapping.ts';
import { formatWindowKind } from '../../model/window.ts';
import type { Command } from '../command.ts';
import { UsageError } from '../errors.ts';
import { graphOf } from '../find-asset.ts';
import { formatTable } from '../format-table.ts';
import { select } from '../select.ts';

export interface GraphOptions {
  readonly selection?: string;
  readonly format?: string;
}

/** Shows what is made of what. Asks no server: definitions say it all. */
export const graph: Command<GraphOptions> = async ({ output, loadDefinitions }, { selection, format = 'text' }) => {
  if (format !== 'text' && format !== 'json') {
    throw new UsageError(`--format "${format}" is no format. There is: text, json.`);
  }
  const whole = graphOf(await loadDefinitions());
  const { assets, states } = select(whole, selection);
  if (states.length > 0) {
    throw new UsageError('A graph has no states. Ask `hourloom status` for them, or leave state: out.');
  }
  const waves = planWaves(whole).map((wave) => wave.filter((key) => assets.includes(key)));
  const document = { assets: waves.flatMap((wave, index) => wave.map((key) => describe(whole, key, index))), waves };
  output.result(document, format === 'json' ? JSON.stringify(document, null, 2) : writeGraph(document.assets));
};

interface DescribedNode {
  readonly asset: AssetKey;
  readonly kind: AssetNode['kind'];
  readonly group: string;
  readonly description: string | null;
  /** `hour`, `day`, `15 minutes`; null where the asset is one whole. */
  readonly window: string | null;
  /** Counted from 0: all that an asset is made of comes in lower ones. */
  readonly wave: number;
  readonly source: string | null;
  readonly reads: readonly ReadSpec[];
  readonly readBy: readonly AssetKey[];
  /** What its records ask for. */
  readonly asks: 'erasure' | null;
  readonly codeVersion: string;
}

function describe(graph: AssetGraph, key: AssetKey, wave: number): DescribedNode {
  const node = graph.get(key);
  if (!node) throw new RangeError(`No asset "${key}" is defined.`);
  const { group, description = null, kind, window, reads, readBy, codeVersion } = node;
  const source = node.kind === 'events' ? describeSource(node.pipeline.source) : null;
  const windowName = window ? formatWindowKind(window) : null;
  const tables = node.kind === 'table' ? node.pipeline.tables : [];
  const asks = tables.find(({ asset }) => asset === key)?.asks ?? null;
  return { asset: key, kind, group, description, window: windowName, wave, source, reads, readBy, asks, codeVersion };
}

/** Indented by wave, so that every asset stands below and to the right of what it is made of. */
function writeGraph(nodes: readonly DescribedNode[]): string {
  const rows = nodes.map(({ asset, wave, window, source, reads, asks }) => [
    `${'  '.repeat(wave)}${asset}`,
    window ?? 'whole',
    `${source ?? reads.map(writeRead).join(', ')}${asks === null ? '' : `; asks for an ${asks}`}`,
  ]);
  return formatTable([['asset', 'window', 'made of'], ...rows]);
}

function writeRead({ asset, mapping }: ReadSpec): string {
  return `${asset} (${writeMapping(mapping)})`;
}

function writeMapping(mapping: Mapping): string {
  switch (mapping.kind) {
    case 'same':
      return 'the same window';
    case 'within':
      return 'all windows within';
    case 'around':
      return `${mapping.count} windows from ${mapping.offset}`;
    case 'all':
      return 'all windows';
  }
}
