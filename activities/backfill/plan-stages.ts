import { madeByTarget } from '../../model/backfill-target.ts';
import type { BackfillTarget } from '../../model/backfill-target.ts';
import { planReached } from '../../model/find-reached.ts';
import type { DerivedRanges } from '../../model/find-reached.ts';
import type { Backfill } from '../../warehouse/backfill.ts';
import type { Dependencies } from '../dependencies.ts';

/** The waves of derived assets after what a backfill was asked for; always the same, however long it takes. */
export function planStages(
  { graph }: Pick<Dependencies, 'graph'>,
  target: BackfillTarget,
  { ranges, createdAt }: Pick<Backfill, 'ranges' | 'createdAt'>,
): readonly (readonly DerivedRanges[])[] {
  return planReached(graph, madeByTarget(target, ranges), createdAt);
}
