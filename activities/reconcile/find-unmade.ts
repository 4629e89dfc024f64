import { uniteRanges } from '../../model/index-ranges.ts';
import type { IndexRanges } from '../../model/index-ranges.ts';
import type { PipelineSpec } from '../../model/pipeline-spec.ts';
import type { Queryable } from '../../warehouse/open-warehouse.ts';
import { planPipeline } from '../../warehouse/plan-pipeline.ts';

/**
 * Windows that were never made, or whose run failed half way. One that is whole but for a table that is newer than it is
 * none: a deploy makes nothing by itself before the lateness window, `backfill --only missing` does.
 */
export async function findUnmade(sql: Queryable, spec: PipelineSpec, ranges: IndexRanges): Promise<IndexRanges> {
  const { name, window, events } = spec;
  const neverMerged = { name, window, events, tables: [] };
  const unmerged = await planPipeline(sql, neverMerged, { ranges, only: 'missing' });
  const failed = await planPipeline(sql, spec, { ranges, only: 'failed' });
  return uniteRanges(
    unmerged,
    failed.filter(({ reason }) => reason === 'missing'),
  );
}
