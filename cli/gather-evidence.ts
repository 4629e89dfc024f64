import type { Client } from '@temporalio/client';
import type { AssetGraph, AssetNode } from '../model/graph.ts';
import { timeOf, uniteRanges } from '../model/index-ranges.ts';
import type { IndexRange, IndexRanges } from '../model/index-ranges.ts';
import { WHOLE } from '../model/mapping.ts';
import { WHOLE_START } from '../model/partition.ts';
import { dueWindows, promiseOfNode } from '../model/promise.ts';
import { watchedWindows } from '../model/watched-windows.ts';
import { windowIndex } from '../model/window.ts';
import type { Instant, Window } from '../model/window.ts';
import { parseDeriveWorkflowId, parseHourWorkflowId } from '../model/workflow-id.ts';
import type { LastFailure } from '../warehouse/list-failures.ts';
import type { KeptCheckResult } from '../warehouse/read-check-results.ts';
import { makerOf } from './find-asset.ts';
import type { RangeEvidence } from './fold-states.ts';
import { readScheduled } from './read-scheduled.ts';
import type { Servers } from './use-servers.ts';

/** What there is to know of an asset's windows in a range, the latest failures with their reasons, and failed checks. */
export interface GatheredEvidence {
  readonly evidence: RangeEvidence;
  readonly failures: readonly LastFailure[];
  /** Checks that failed, of what is visible or of an attempt that they refused. */
  readonly checks: readonly KeptCheckResult[];
}

const MAX_FAILURES = 50;
const MAX_CHECKS = 200;
/** More open runs than this of one maker are a backfill's; of those its own page tells. */
const MAX_OPEN = 1_000;

/** Asks ledger and Temporal; what comes back is ranges, however many windows there are. */
export async function gatherEvidence(
  { warehouse, temporal }: Servers,
  graph: AssetGraph,
  node: AssetNode,
  range: IndexRange,
  now: Instant,
): Promise<GatheredEvidence> {
  const [
    { readMadeRanges },
    { readNotedRanges },
    { readFailedRanges },
    { listFailures },
    { findChangedInputs },
    { readCheckResults },
  ] = await Promise.all([
    import('../warehouse/read-made-ranges.ts'),
    import('../warehouse/read-noted-ranges.ts'),
    import('../warehouse/read-failed-ranges.ts'),
    import('../warehouse/list-failures.ts'),
    import('../warehouse/find-changed-inputs.ts'),
    import('../warehouse/read-check-results.ts'),
  ]);
  const { key, window, codeVersion } = node;
  const pipeline = makerOf(node);
  const within = withinOf(node, range);
  const { sql } = warehouse;
  const [made, empty, quarantined, failed, failures, inputChanged, open, due, checks] = await Promise.all([
    readMadeRanges(sql, { assets: [key], window, within }),
    readNotedRanges(sql, { asset: key, window, within, note: 'empty' }),
    readNotedRanges(sql, { asset: key, window, within, note: 'quarantined' }),
    readFailedRanges(sql, { pipeline, window, within }),
    listFailures(sql, { pipeline, within, limit: MAX_FAILURES }),
    node.kind === 'derived' ? findChangedInputs(sql, graph, node, within, now) : [],
    readOpen(temporal.client, node),
    readDue(temporal.client, graph, node, now),
    readCheckResults(sql, { asset: key, within, failed: true, limit: MAX_CHECKS }),
  ]);
  const [unsettled, awaited] = [unsettledOf(node, now), awaitedOf(node, now)];
  return {
    evidence: { range, codeVersion, made, empty, quarantined, inputChanged, due, open, unsettled, awaited, failed },
    failures,
    checks,
  };
}

function withinOf({ window }: AssetNode, range: IndexRange): Window {
  return window ? timeOf(window, range) : { start: WHOLE_START, end: WHOLE_START + 1 };
}

/** The windows that an open run is about. */
async function readOpen(client: Client, node: AssetNode): Promise<IndexRanges> {
  const { listRuns } = await import('../client/list-runs.ts');
  const runs = await listRuns(client, { maker: makerOf(node), state: 'open', limit: MAX_OPEN });
  return uniteRanges(
    runs.flatMap(({ workflowId }) => {
      const start = (parseHourWorkflowId(workflowId) ?? parseDeriveWorkflowId(workflowId))?.start;
      if (start === undefined) return [];
      const from = node.window ? windowIndex(node.window, start) : WHOLE.from;
      return [{ from, to: from + 1 }];
    }),
  );
}

/** The windows that were promised by now. */
async function readDue(client: Client, graph: AssetGraph, node: AssetNode, now: Instant): Promise<IndexRanges> {
  if (!node.window) return [];
  const promise = promiseOfNode(graph, node, await readScheduled(client, graph, [node]));
  return promise ? uniteRanges([dueWindows(node.window, promise, now)]) : [];
}

/** From the first window that is not over and settled on. A derived asset waits for nothing. */
function unsettledOf(node: AssetNode, now: Instant): IndexRanges {
  if (node.kind === 'derived') return [];
  const { window, settleMs } = node.pipeline;
  return [{ from: windowIndex(window, now - settleMs), to: Number.MAX_SAFE_INTEGER }];
}

/** The windows of which reconcile asks for documents. */
function awaitedOf(node: AssetNode, now: Instant): IndexRanges {
  if (node.kind === 'derived' || node.pipeline.source.kind !== 'http') return [];
  return uniteRanges([watchedWindows(node.pipeline, { promisedFrom: now, now }).listed]);
}
