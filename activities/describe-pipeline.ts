import { nodeOf } from '../model/graph.ts';
import type { PartitionRef } from '../model/partition.ts';
import type { WindowKind } from '../model/window.ts';
import { getPipeline } from './dependencies.ts';
import type { Dependencies } from './dependencies.ts';

/** When a run may begin. */
export interface DescribedPipeline {
  readonly window: WindowKind;
  readonly settleMs: number;
  /** Whether some asset is computed from this pipeline's. Absent in histories from before there were such. */
  readonly isRead?: boolean;
  /** Its records come from a function of its own, in place of extract and merge. */
  readonly isMadeByCode?: boolean;
}

/** What a run must know before it waits, as the definition is now and not as it was when a schedule was made. */
export async function describePipeline(
  dependencies: Pick<Dependencies, 'pipelines' | 'graph'>,
  { pipeline }: PartitionRef,
): Promise<DescribedPipeline> {
  const { window, settleMs, tables, source } = getPipeline(dependencies, pipeline).spec;
  const isRead = tables.some(({ asset }) => nodeOf(dependencies.graph, asset).readBy.length > 0);
  return { window, settleMs, isRead, ...(source.kind === 'code' ? { isMadeByCode: true } : {}) };
}
