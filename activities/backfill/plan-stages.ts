import { madeByPipeline, planReached } from '../../model/find-reached.ts';
import type { DerivedRanges } from '../../model/find-reached.ts';
import type { PipelineSpec } from '../../model/pipeline-spec.ts';
import type { Backfill } from '../../warehouse/backfill.ts';
import type { Dependencies } from '../dependencies.ts';

/** The waves of derived assets after the hours of a backfill; always the same, however long it takes. */
export function planStages(
  { graph }: Pick<Dependencies, 'graph'>,
  spec: PipelineSpec,
  { ranges, createdAt }: Pick<Backfill, 'ranges' | 'createdAt'>,
): readonly (readonly DerivedRanges[])[] {
  return planReached(graph, madeByPipeline(spec, ranges), createdAt);
}
