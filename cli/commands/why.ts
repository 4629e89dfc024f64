import type { RunDescription } from '../../client/describe-run.ts';
import type { Schedule } from '../../client/read-schedule.ts';
import { awaitedDocuments } from '../../model/awaited-documents.ts';
import type { AssetGraph, AssetNode } from '../../model/graph.ts';
import type { Health } from '../../model/health.ts';
import { listInputs } from '../../model/list-inputs.ts';
import { describePartition } from '../../model/partition-state.ts';
import type { PartitionEvidence, PartitionFacts } from '../../model/partition-state.ts';
import { promiseOfNode } from '../../model/promise.ts';
import { formatPartition } from '../../model/window.ts';
import type { Instant } from '../../model/window.ts';
import { deriveWorkflowId, hourWorkflowId } from '../../model/workflow-id.ts';
import type { Warehouse } from '../../warehouse/open-warehouse.ts';
import type { Materialization } from '../../warehouse/read-ledger.ts';
import type { Command } from '../command.ts';
import { describeCheckResult, sayCheckResult } from '../describe-check-result.ts';
import type { CheckDocument } from '../describe-check-result.ts';
import { findNode, graphOf, makerOf, readPartitionOf } from '../find-asset.ts';
import { formatTable } from '../format-table.ts';
import { readHealth } from '../read-health.ts';
import { readScheduled } from '../read-scheduled.ts';
import { useServers } from '../use-servers.ts';
import type { Servers } from '../use-servers.ts';

export interface WhyOptions {
  readonly asset: string;
  readonly partition?: string;
}

/** Explains one partition: what the ledger has of it, what is being tried, and why; of one that is not made, why not. */
export const why: Command<WhyOptions> = async (context, { asset, partition }) => {
  const graph = graphOf(await context.loadDefinitions());
  const node = findNode(graph, asset);
  const start = readPartitionOf(node, partition);
  const document = await useServers(context, (servers) => explain(servers, graph, node, start));
  context.output.result(document, writeWhy(document));
};

interface Explained extends PartitionFacts {
  readonly asset: string;
  readonly partition: string;
  readonly workflowId: string;
  readonly made: { readonly loadId: number; readonly publishedAt: string; readonly rows: number } | null;
  /** Of the asset as a whole, whatever the partition. */
  readonly health: Health | null;
  readonly counts: Materialization['counts'];
  /** Files of its window that cannot be used. */
  readonly filesRejected: number;
  /** Of how many partitions it is made, and how many of those are there; null for what comes from a source. */
  readonly inputs: { readonly made: number; readonly expected: number } | null;
  /** What checks said of what is visible, and of a newer attempt that they refused. */
  readonly checks: readonly CheckDocument[];
}

const MAX_CHECKS = 200;

async function explain(
  { warehouse, temporal }: Servers,
  graph: AssetGraph,
  node: AssetNode,
  start: Instant,
): Promise<Explained> {
  const now = Date.now();
  const [{ readVisible }, { countRuledOut }, { readWiped }, { listFailures }, { describeRun }, { readCheckResults }] =
    await Promise.all([
      import('../../warehouse/read-ledger.ts'),
      import('../../warehouse/count-ruled-out.ts'),
      import('../../warehouse/read-wiped.ts'),
      import('../../warehouse/list-failures.ts'),
      import('../../client/describe-run.ts'),
      import('../../warehouse/read-check-results.ts'),
    ]);
  const partition = { pipeline: makerOf(node), start };
  const workflowId =
    node.kind === 'derived' ? deriveWorkflowId(node.derived, start) : hourWorkflowId(node.pipeline.window, partition);
  const [visible, ruledOut, wiped, [lastFailure], run, scheduledFrom, schedule, inputs, [health], checks] =
    await Promise.all([
      readVisible(warehouse.sql, partition),
      countRuledOut(warehouse.sql, { asset: node.key, start }),
      readWiped(warehouse.sql, { asset: node.key, start }),
      listFailures(warehouse.sql, { pipeline: partition.pipeline, within: { start, end: start + 1 }, limit: 1 }),
      describeRun(temporal.client, workflowId),
      readScheduled(temporal.client, graph, [node]),
      findSchedule(temporal, node),
      digestInputsOf(warehouse, graph, node, start, now),
      readHealth({ warehouse, temporal }, graph, [node], now),
      readCheckResults(warehouse.sql, { asset: node.key, within: { start, end: start + 1 }, limit: MAX_CHECKS }),
    ]);
  const made = visible.find((entry) => entry.asset === node.key);
  const facts = describePartition({
    ...evidenceOf(node, schedule, now),
    promise: promiseOfNode(graph, node, scheduledFrom),
    window: node.window,
    start,
    made,
    ruledOut,
    wiped: made ? undefined : wiped,
    codeVersion: node.codeVersion,
    input: compareInput(inputs, made),
    openRun: openRunOf(run),
    lastFailure,
    awaited: node.kind === 'derived' ? undefined : awaitedDocuments(node.pipeline, start, now),
    now,
  });
  return {
    asset: node.key,
    partition: formatPartition(node.window, start),
    workflowId,
    ...facts,
    made: made
      ? { loadId: made.loadId, publishedAt: new Date(made.publishedAt).toISOString(), rows: made.rowCount }
      : null,
    health: health ?? null,
    counts: made?.counts ?? {},
    filesRejected: sum(visible.map(({ counts }) => counts.rejected ?? 0)),
    inputs: inputs ? { made: inputs.made, expected: inputs.expected } : null,
    checks: checks.map((result) => describeCheckResult(node, result)),
  };
}

/** Of what comes from a source only reconcile knows: it lists. */
function compareInput(inputs: InputState | undefined, made: Materialization | undefined): PartitionEvidence['input'] {
  if (!inputs || !made) return 'unknown';
  return inputs.digest === made.inputDigest ? 'same' : 'changed';
}

/** What follows from the definition and its schedule, whatever the partition. */
function evidenceOf(
  node: AssetNode,
  schedule: Schedule | undefined,
  now: Instant,
): Pick<PartitionEvidence, 'settleMs' | 'watchedFrom' | 'paused'> {
  if (node.kind === 'derived') return { settleMs: 0, watchedFrom: undefined, paused: undefined };
  const { settleMs, latenessMs } = node.pipeline;
  return {
    settleMs,
    watchedFrom: now - latenessMs,
    paused: schedule?.paused ? { note: schedule.note } : undefined,
  };
}

async function findSchedule({ client }: Servers['temporal'], node: AssetNode): Promise<Schedule | undefined> {
  if (node.kind === 'derived') return undefined;
  const { readSchedule } = await import('../../client/read-schedule.ts');
  return readSchedule(client, node.pipeline);
}

/** How the inputs of a derived partition stand now; undefined for what comes from a source. */
async function digestInputsOf(
  { sql }: Warehouse,
  graph: AssetGraph,
  node: AssetNode,
  start: Instant,
  now: Instant,
): Promise<InputState | undefined> {
  if (node.kind !== 'derived') return undefined;
  const { digestInputs } = await import('../../warehouse/digest-inputs.ts');
  const { ranges, expected } = listInputs(graph, node.derived, start, now);
  const [found] = await digestInputs(sql, [ranges]);
  return found && { digest: found.digest, made: found.made, expected };
}

interface InputState {
  readonly digest: string;
  readonly made: number;
  readonly expected: number;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function openRunOf(run: RunDescription | undefined): PartitionEvidence['openRun'] {
  return run?.state === 'running' ? { startedAt: run.startedAt.getTime() } : undefined;
}

function writeWhy({
  asset,
  partition,
  data,
  attempt,
  marks,
  why: because,
  made,
  health,
  filesRejected,
  inputs,
  checks,
  workflowId,
}: Explained): string {
  const rows = [
    ['  data', data, because.data],
    ['  attempt', attempt, because.attempt],
    ...marks.map((mark) => ['  mark', mark, mark === 'quarantined' ? sayQuarantined(asset, partition) : '']),
    ...(made ? [['  rows', String(made.rows), `Load ${made.loadId}.`]] : []),
    ...(filesRejected > 0
      ? [['  files', `${filesRejected} held back`, `hourloom quarantine list ${asset.split('/')[0]} --files`]]
      : []),
    ...(inputs
      ? [['  inputs', `${inputs.made} of ${inputs.expected}`, 'Partitions that it is made of and that are there.']]
      : []),
    ...(health ? [['  health', health.state, health.why]] : []),
    ...writeChecks(checks),
  ];
  return `${asset} ${partition}\n${formatTable(rows)}\nIts newest run: hourloom runs show ${workflowId}`;
}

/** By the pipeline's name, under which its child tables' records are too. */
function sayQuarantined(asset: string, partition: string): string {
  return `hourloom quarantine show ${asset.split('/')[0]} ${partition}`;
}

/** Those that passed are only counted. */
function writeChecks(checks: readonly CheckDocument[]): readonly (readonly string[])[] {
  const passed = checks.filter(({ visible, passed }) => visible && passed).length;
  return [
    ...(passed === 0 ? [] : [['  checks', `${passed} passed`, 'Of what is visible.']]),
    ...checks
      .filter((check) => !check.passed)
      .map((check) => ['  check', sayCheckResult(check), `${check.name}: ${check.detail}.`]),
  ];
}
