import type { PipelineName } from '../../model/asset-key.ts';
import type { BackfillBounds } from '../../model/backfill.ts';
import { countWindows } from '../../model/index-ranges.ts';
import { updateBackfill } from '../../warehouse/update-backfill.ts';
import type { Dependencies } from '../dependencies.ts';
import { getBackfill } from './get-backfill.ts';
import { getTarget } from './get-target.ts';
import { planStages } from './plan-stages.ts';

/** What a backfill is to do. */
export interface OpenedBackfill extends BackfillBounds {
  /** Or the derived asset, by its key. */
  readonly pipeline: PipelineName;
  readonly width: number;
  /** How many windows were asked for. */
  readonly total: number;
  /** How many partitions in each wave of derived assets after them. */
  readonly derivedTotals: readonly number[];
}

/** Says what a backfill is to do, and on record that it runs. */
export async function openBackfill(
  dependencies: Pick<Dependencies, 'warehouse' | 'graph'>,
  id: string,
): Promise<OpenedBackfill> {
  const row = await getBackfill(dependencies, id);
  const target = getTarget(dependencies, row.pipeline);
  await updateBackfill(dependencies.warehouse, id, { state: 'running', counts: row.counts });
  const waves = planStages(dependencies, target, row);
  const { width, patienceMs, maxEvents } = row.asked;
  return {
    pipeline: row.pipeline,
    width,
    ...(patienceMs === undefined ? {} : { patienceMs }),
    ...(maxEvents === undefined ? {} : { maxEvents }),
    total: countWindows(row.ranges),
    derivedTotals: waves.map((wave) => wave.reduce((sum, { ranges }) => sum + countWindows(ranges), 0)),
  };
}
