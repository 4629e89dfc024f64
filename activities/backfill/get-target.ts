import type { PipelineName } from '../../model/asset-key.ts';
import { findTarget } from '../../model/backfill-target.ts';
import type { BackfillTarget } from '../../model/backfill-target.ts';
import { UnknownAssetError, UnknownPipelineError } from '../dependencies.ts';
import type { Dependencies } from '../dependencies.ts';

/** What a backfill under this name makes. Throws an `UnknownPipelineError` or an `UnknownAssetError`. */
export function getTarget({ graph }: Pick<Dependencies, 'graph'>, maker: PipelineName): BackfillTarget {
  const target = findTarget(graph, maker);
  if (target) return target;
  if (maker.includes('/')) throw new UnknownAssetError(maker);
  const known = [...graph.values()].flatMap((node) => (node.kind === 'events' ? [node.pipeline.name] : []));
  throw new UnknownPipelineError(maker, known);
}
