import type { AssetGraph, AssetNode } from '../model/graph.ts';
import { describeHealth } from '../model/health.ts';
import type { Health } from '../model/health.ts';
import { promiseOfNode } from '../model/promise.ts';
import type { Instant } from '../model/window.ts';
import { makerOf } from './find-asset.ts';
import { readScheduled } from './read-scheduled.ts';
import type { Servers } from './use-servers.ts';

/** How assets are at this moment, in their order. Each pipeline's schedule is asked for once, and only where it matters. */
export async function readHealth(
  { warehouse, temporal }: Servers,
  graph: AssetGraph,
  nodes: readonly AssetNode[],
  now: Instant,
): Promise<readonly Health[]> {
  const { readHealthEvidence } = await import('../warehouse/read-health-evidence.ts');
  const scheduledFrom = await readScheduled(temporal.client, graph, nodes);
  return Promise.all(
    nodes.map(async (node) => {
      const promise = promiseOfNode(graph, node, scheduledFrom);
      return describeHealth(await readHealthEvidence(warehouse.sql, { node, maker: makerOf(node), promise, now }));
    }),
  );
}
