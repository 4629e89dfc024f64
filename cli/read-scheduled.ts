import type { Client } from '@temporalio/client';
import type { PipelineName } from '../model/asset-key.ts';
import type { AssetGraph, AssetNode } from '../model/graph.ts';
import { pipelinesOf } from '../model/promise.ts';
import type { Instant } from '../model/window.ts';

/** Since when each pipeline has a schedule that these assets come from, asked for where one promises something. */
export async function readScheduled(
  client: Client,
  graph: AssetGraph,
  nodes: readonly AssetNode[],
): Promise<ReadonlyMap<PipelineName, Instant>> {
  const { readSchedule } = await import('../client/read-schedule.ts');
  const promising = nodes.filter(
    (node) => (node.kind === 'derived' ? node.derived : node.pipeline).promiseMs !== undefined,
  );
  const pipelines = new Map(promising.flatMap((node) => pipelinesOf(graph, node)).map((spec) => [spec.name, spec]));
  const scheduled = await Promise.all(
    [...pipelines.values()].map(async (spec) => [spec.name, (await readSchedule(client, spec))?.createdAt] as const),
  );
  return new Map(scheduled.flatMap(([name, at]) => (at === undefined ? [] : [[name, at] as const])));
}
