import type { PipelineName } from '../../model/asset-key.ts';
import { countWindows } from '../../model/index-ranges.ts';
import { updateBackfill } from '../../warehouse/update-backfill.ts';
import { getPipeline } from '../dependencies.ts';
import type { Dependencies } from '../dependencies.ts';
import { getBackfill } from './get-backfill.ts';
import { planStages } from './plan-stages.ts';

/** What a backfill is to do. */
export interface OpenedBackfill {
  readonly pipeline: PipelineName;
  readonly width: number;
  /** How many hours. */
  readonly total: number;
  /** How many partitions in each wave of derived assets. */
  readonly derivedTotals: readonly number[];
}

/** Says what a backfill is to do, and on record that it runs. */
export async function openBackfill(
  dependencies: Pick<Dependencies, 'warehouse' | 'pipelines' | 'graph'>,
  id: string,
): Promise<OpenedBackfill> {
  const row = await getBackfill(dependencies, id);
  const { spec } = getPipeline(dependencies, row.pipeline);
  await updateBackfill(dependencies.warehouse, id, { state: 'running', counts: row.counts });
  const waves = planStages(dependencies, spec, row);
  return {
    pipeline: row.pipeline,
    width: row.asked.width,
    total: row.asked.only === 'derived' ? 0 : countWindows(row.ranges),
    derivedTotals: waves.map((wave) => wave.reduce((sum, { ranges }) => sum + countWindows(ranges), 0)),
  };
}
