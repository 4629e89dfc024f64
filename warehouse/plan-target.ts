import type { BackfillTarget } from '../model/backfill-target.ts';
import type { AssetGraph } from '../model/graph.ts';
import type { Queryable } from './open-warehouse.ts';
import { planDerived } from './plan-derived.ts';
import type { DerivedPlan, DerivedPlanQuestion } from './plan-derived.ts';
import { planPipeline } from './plan-pipeline.ts';

/** What a backfill of this target makes, as the ledger is now: what a dry run prints, and what a request is given. */
export async function planTarget(
  sql: Queryable,
  graph: AssetGraph,
  target: BackfillTarget,
  question: DerivedPlanQuestion,
): Promise<DerivedPlan> {
  if (target.kind === 'derived') return planDerived(sql, graph, target.node, question);
  return { planned: await planPipeline(sql, target.pipeline, question), lacking: [] };
}
