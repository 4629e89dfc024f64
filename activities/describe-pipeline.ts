import type { DescribedPipeline } from '../model/hour-run.ts';
import { nodeOf } from '../model/graph.ts';
import type { AssetGraph } from '../model/graph.ts';
import type { PartitionRef } from '../model/partition.ts';
import type { PipelineSpec } from '../model/pipeline-spec.ts';
import { getPipeline } from './dependencies.ts';
import type { Dependencies } from './dependencies.ts';

/** What a run must know before it waits, as the definition is now and not as it was when a schedule was made. */
export async function describePipeline(
  dependencies: Pick<Dependencies, 'pipelines' | 'graph'>,
  { pipeline }: PartitionRef,
): Promise<DescribedPipeline> {
  return describeFor(dependencies.graph, getPipeline(dependencies, pipeline).spec);
}

/** The same of a pipeline that is at hand. */
export function describeFor(graph: AssetGraph, { window, settleMs, tables, source }: PipelineSpec): DescribedPipeline {
  const isRead = tables.some(({ asset }) => nodeOf(graph, asset).readBy.length > 0);
  const hasParquet = tables.some(({ parquet }) => parquet === true);
  return {
    window,
    settleMs,
    isRead,
    ...(source.kind === 'code' ? { isMadeByCode: true } : {}),
    ...(hasParquet ? { hasParquet } : {}),
  };
}
