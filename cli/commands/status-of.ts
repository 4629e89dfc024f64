import type { AssetGraph, AssetNode } from '../../model/graph.ts';
import type { IndexRange } from '../../model/index-ranges.ts';
import { WHOLE_START } from '../../model/partition.ts';
import type { SelectableState } from '../../model/select-assets.ts';
import { formatPartition, formatWindowKind, windowAt } from '../../model/window.ts';
import type { Instant } from '../../model/window.ts';
import type { PartitionMeta } from '../../warehouse/read-meta.ts';
import type { KeptCheckResult } from '../../warehouse/read-check-results.ts';
import type { Command } from '../command.ts';
import { describeCheckResult, sayCheckResult } from '../describe-check-result.ts';
import { graphOf } from '../find-asset.ts';
import { countStates, foldStates } from '../fold-states.ts';
import type { State } from '../fold-states.ts';
import { formatTable } from '../format-table.ts';
import { gatherEvidence } from '../gather-evidence.ts';
import type { GatheredEvidence } from '../gather-evidence.ts';
import type { RangeOptions } from '../read-range.ts';
import { readTimeRange, windowsWithin } from '../read-time-range.ts';
import { select } from '../select.ts';
import { useServers } from '../use-servers.ts';
import type { Servers } from '../use-servers.ts';
import { formatCounted, writeRange } from '../write-plan.ts';

export interface StatusOptions extends RangeOptions {
  readonly selection?: string;
}

/** In the order in which they are counted and, at one window, listed. */
const STATES: readonly State[] = [
  ...(['missing', 'empty', 'fresh', 'stale'] as const),
  ...(['waiting', 'running', 'failed', 'idle'] as const),
  ...(['late', 'quarantined'] as const),
];

const MAX_LISTED = 1_000;
const MAX_WRITTEN = 40;
/** Each has up to 4 KB. */
const MAX_META = 200;

/** Without a selection and a range the state of everything; else of each asset chosen, window by window. */
export const statusOf: Command<StatusOptions> = async (context, { selection, ...ends }) => {
  if (selection === undefined && ends.from === undefined && ends.to === undefined) {
    const { status } = await import('./status.ts');
    return status(context, {});
  }
  const now = Date.now();
  const graph = graphOf(await context.loadDefinitions());
  const chosen = select(graph, selection);
  const time = readTimeRange(ends, now);
  const asked = chosen.assets.flatMap((key) => {
    const node = graph.get(key);
    const [range] = node ? windowsWithin(node.window, time, now) : [];
    return node && range ? [{ node, range }] : [];
  });
  const statuses = await useServers(context, (servers) =>
    Promise.all(asked.map(({ node, range }) => readStatus(servers, graph, node, range, chosen.states, now))),
  );
  const found = chosen.states.length === 0 ? statuses : statuses.filter(({ rows }) => rows.length > 0);
  context.output.result({ assets: found.map(describe) }, writeStatuses(found));
};

/** What is known of one asset in a range. */
interface AssetStatus {
  readonly node: AssetNode;
  readonly range: IndexRange;
  readonly counts: Readonly<Record<State, number>>;
  /** Windows in a row that are alike; those `idle` only where they were asked for. */
  readonly rows: readonly { readonly state: State; readonly range: IndexRange }[];
  /** How many more rows there are. */
  readonly more: number;
  readonly failures: GatheredEvidence['failures'];
  /** What functions noted of the newest windows. */
  readonly meta: readonly PartitionMeta[];
  /** Checks that failed. */
  readonly checks: readonly KeptCheckResult[];
}

async function readStatus(
  servers: Servers,
  graph: AssetGraph,
  node: AssetNode,
  range: IndexRange,
  asked: readonly SelectableState[],
  now: Instant,
): Promise<AssetStatus> {
  const { evidence, failures, checks } = await gatherEvidence(servers, graph, node, range, now);
  const states = foldStates(evidence);
  const listed = STATES.filter((state) => (asked.length === 0 ? state !== 'idle' : asked.includes(state)));
  const rows = listed
    .flatMap((state) => states[state].map((each) => ({ state, range: each })))
    .sort((a, b) => a.range.from - b.range.from);
  const more = Math.max(0, rows.length - MAX_LISTED);
  const meta = await readNoted(servers, node, range);
  return { node, range, counts: countStates(states), rows: rows.slice(0, MAX_LISTED), more, failures, checks, meta };
}

/** Only where a function makes the windows: others note nothing. */
async function readNoted({ warehouse }: Servers, node: AssetNode, range: IndexRange): Promise<AssetStatus['meta']> {
  if (node.kind === 'derived' || node.pipeline.source.kind !== 'code') return [];
  const { readMeta } = await import('../../warehouse/read-meta.ts');
  const { name, window } = node.pipeline;
  const within = { start: windowAt(window, range.from).start, end: windowAt(window, range.to).start };
  return readMeta(warehouse.sql, { pipeline: name, asset: node.key, within, limit: MAX_META });
}

/** For programs. A range is null where the asset is one whole. */
function describe({ node, range, counts, rows, more, failures, checks, meta }: AssetStatus): object {
  const { key, window } = node;
  return {
    asset: key,
    window: window ? formatWindowKind(window) : null,
    range: window ? writeRange(window, range) : null,
    counts,
    ranges: rows.map((row) => ({ state: row.state, ...(window ? writeRange(window, row.range) : { count: 1 }) })),
    more,
    checks: checks.map((result) => describeCheckResult(node, result)),
    failures: failures.map(({ partition, reason, retryable, attempts }) => ({
      partition: formatPartition(node.window, partition.start),
      reason,
      retryable,
      attempts,
    })),
    meta: Object.fromEntries(meta.map(({ start, meta: values }) => [formatPartition(node.window, start), values])),
  };
}

/** One table of counts, then for each asset its windows. */
function writeStatuses(statuses: readonly AssetStatus[]): string {
  if (statuses.length === 0) return 'Nothing of this kind there.';
  const shown = STATES.filter((state) => state !== 'idle' && statuses.some(({ counts }) => counts[state] > 0));
  const table = formatTable([
    ['asset', 'windows', ...shown],
    ...statuses.map(({ node, range, counts }) => [
      node.key,
      range.to - range.from,
      ...shown.map((state) => counts[state]),
    ]),
  ]);
  return [table, ...statuses.map(writeRows)].join('\n\n');
}

function writeRows({ node, rows, more, failures, checks }: AssetStatus): string {
  const reasons = new Map(failures.map(({ partition, reason }) => [partition.start, reason]));
  const written = rows.slice(0, MAX_WRITTEN).map(({ state, range }) => {
    const count = range.to - range.from;
    const name = formatCounted(node.window, range);
    const reason = state === 'failed' && count === 1 ? reasons.get(startOf(node, range)) : undefined;
    return [state, reason === undefined ? name : `${name}  ${reason}`];
  });
  const unwritten = rows.length - written.length + more;
  const rest = unwritten > 0 ? `\n  and ${unwritten} more; narrow it by --from and --to.` : '';
  const failed = checks.slice(0, MAX_WRITTEN).map((result) => {
    const { partition, name, detail } = describeCheckResult(node, result);
    return [`check ${sayCheckResult(result)}`, `${partition}  ${name}: ${detail}`];
  });
  const table = formatTable([...written, ...failed].map(([state = '', name = '']) => [`  ${state}`, name]));
  return `${node.key}\n${table}${rest}`;
}

function startOf({ window }: AssetNode, { from }: IndexRange): Instant {
  return window ? windowAt(window, from).start : WHOLE_START;
}
