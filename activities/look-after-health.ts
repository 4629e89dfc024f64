import { log } from '@temporalio/activity';
import type { AssetKey, PipelineName } from '../model/asset-key.ts';
import { listDownstream, nodeOf } from '../model/graph.ts';
import type { AssetGraph, AssetNode } from '../model/graph.ts';
import { describeBreaker, describeHealth } from '../model/health.ts';
import type { PartitionRef } from '../model/partition.ts';
import type { PipelineSpec } from '../model/pipeline-spec.ts';
import { pipelinesOf, promiseOfNode } from '../model/promise.ts';
import { noteHealth } from '../warehouse/note-health.ts';
import { readClock } from '../warehouse/read-clock.ts';
import { readHealthEvidence } from '../warehouse/read-health-evidence.ts';
import type { Dependencies } from './dependencies.ts';
import type { ScheduleState } from './starter.ts';

type Reach = Pick<Dependencies, 'warehouse' | 'graph' | 'starter'>;

/** A few reads for each asset; what takes longer is left to the next look. */
const MAX_LOOK_MS = 8_000;

/**
 * Notes how all assets are that come from a pipeline, or the one derived asset whose partition is given; whoever tells
 * alerts finds there what has changed. It never fails its caller: an hour is worth more than what is said of it, and
 * reconcile looks again in ten minutes.
 */
export async function lookAfterHealth(reach: Reach, subject: PipelineSpec | PartitionRef): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`It took more than ${MAX_LOOK_MS} ms.`)), MAX_LOOK_MS);
  });
  try {
    await Promise.race([look(reach, subject), tooLong]);
  } catch (error) {
    log.warn('The health of assets could not be noted; reconcile looks again.', { error });
  } finally {
    clearTimeout(timer);
  }
}

async function look({ warehouse, graph, starter }: Reach, subject: PipelineSpec | PartitionRef): Promise<void> {
  const { sql } = warehouse;
  const nodes = listNodes(graph, subject);
  const pipelines = new Map(nodes.flatMap((node) => pipelinesOf(graph, node)).map((spec) => [spec.name, spec]));
  const schedules = new Map<PipelineName, ScheduleState>();
  for (const { name, window } of pipelines.values()) {
    const schedule = await starter.readSchedule(window, name);
    if (schedule) schedules.set(name, schedule);
  }
  const scheduledFrom = new Map([...schedules].map(([name, { createdAt }]) => [name, createdAt]));
  const lookedAt = await readClock(sql);
  for (const node of nodes) {
    const maker = node.kind === 'derived' ? (node.key as string as PipelineName) : node.pipeline.name;
    const promise = promiseOfNode(graph, node, scheduledFrom);
    const evidence = await readHealthEvidence(sql, { node, maker, promise, now: lookedAt });
    await noteHealth(sql, { asset: node.key, ...describeHealth(evidence), lookedAt });
  }
  if ('name' in subject) {
    await noteHealth(sql, { asset: subject.name, ...describeBreaker(schedules.get(subject.name)), lookedAt });
  }
}

/** The assets that come from a pipeline, or the derived asset itself. */
function listNodes(graph: AssetGraph, subject: PipelineSpec | PartitionRef): readonly AssetNode[] {
  if (!('name' in subject)) {
    const node = graph.get(subject.pipeline as string as AssetKey);
    return node ? [node] : [];
  }
  const { events } = subject;
  return [events.asset, ...listDownstream(graph, events.asset)].map((key) => nodeOf(graph, key));
}
