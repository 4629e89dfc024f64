import type { PartitionRef } from '../model/partition.ts';
import type { WindowKind } from '../model/window.ts';
import { getPipeline } from './dependencies.ts';
import type { Dependencies } from './dependencies.ts';

/** When a run may begin. */
export interface DescribedPipeline {
  readonly window: WindowKind;
  readonly settleMs: number;
}

/** What a run must know before it waits, as the definition is now and not as it was when a schedule was made. */
export async function describePipeline(
  dependencies: Pick<Dependencies, 'pipelines'>,
  { pipeline }: PartitionRef,
): Promise<DescribedPipeline> {
  const { window, settleMs } = getPipeline(dependencies, pipeline).spec;
  return { window, settleMs };
}
