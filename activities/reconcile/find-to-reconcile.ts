import type { PipelineName } from '../../model/asset-key.ts';
import { isSurveyDue, isSurveyed } from '../../model/survey.ts';
import type { Instant } from '../../model/window.ts';
import { readSurveys } from '../../warehouse/read-surveys.ts';
import { isOutdated } from '../../warehouse/assert-newest-code.ts';
import { pipelineCode } from '../../warehouse/pipeline-code.ts';
import { getPipeline } from '../dependencies.ts';
import type { Dependencies } from '../dependencies.ts';
import { lookAfterHealth } from '../look-after-health.ts';
import type { DerivedTarget } from '../derive/describe-derived.ts';
import { findDerivedToRemake } from './find-derived-to-remake.ts';
import { findHoursToStart } from './find-hours-to-start.ts';

export interface ReconcileInput {
  readonly pipeline: PipelineName;
}

/** What a pass is to start. */
export interface FoundWork {
  readonly pipeline: PipelineName;
  /** The starts of windows, the newest first. */
  readonly hours: readonly Instant[];
  readonly derived: readonly DerivedTarget[];
  /** The next part of the daily survey of its source is due. Absent in histories from before there were such. */
  readonly isSurveyDue?: boolean;
}

/**
 * Says what of a pipeline is missing, late or changed, and notes how its assets are, paused or not. Nothing while it is paused, or has no schedule: then nobody
 * promised anything.
 */
export async function findToReconcile(
  dependencies: Pick<Dependencies, 'lake' | 'warehouse' | 'pipelines' | 'graph' | 'starter'>,
  { pipeline }: ReconcileInput,
): Promise<FoundWork> {
  const { spec } = getPipeline(dependencies, pipeline);
  await lookAfterHealth(dependencies, spec);
  const schedule = await dependencies.starter.readSchedule(spec.window, pipeline);
  if (!schedule || schedule.paused) return { pipeline, hours: [], derived: [] };
  // To a worker with older code all that newer code made looks changed: it would start windows that it may not publish.
  if (await isOutdated(dependencies.warehouse.sql, [pipelineCode(spec)])) {
    return { pipeline, hours: [], derived: [] };
  }
  const now = Date.now();
  const hours = await findHoursToStart(dependencies, spec, {
    promisedFrom: spec.promisedFrom ?? schedule.createdAt,
    now,
  });
  const derived = await findDerivedToRemake(dependencies, spec, now);
  const isDue = isSurveyed(spec.source) && isSurveyDue(await readSurveys(dependencies.warehouse.sql, pipeline), now);
  return { pipeline, hours, derived, ...(isDue ? { isSurveyDue: true } : {}) };
}
