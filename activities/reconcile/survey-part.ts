import { cancellationSignal } from '@temporalio/activity';
import { surveySource } from '../../lake/survey-source.ts';
import { getS3Source } from '../../model/get-s3-source.ts';
import { emptyTally } from '../../model/survey.ts';
import { noteSurvey } from '../../warehouse/note-survey.ts';
import { readSurveys } from '../../warehouse/read-surveys.ts';
import { getPipeline } from '../dependencies.ts';
import type { Dependencies } from '../dependencies.ts';
import type { ReconcileInput } from './find-to-reconcile.ts';

/** A hundred requests: some ten seconds on S3. With a pass every ten minutes, 14 million objects a day. */
const MAX_OBJECTS = 100_000;

/** Makes the next part of a source's survey, and puts it on record. Safe to repeat: what is not on record was not seen. */
export async function surveyPart(
  dependencies: Pick<Dependencies, 'lake' | 'warehouse' | 'pipelines'>,
  { pipeline }: ReconcileInput,
): Promise<void> {
  const { lake, warehouse } = dependencies;
  const { spec } = getPipeline(dependencies, pipeline);
  const { open } = await readSurveys(warehouse.sql, pipeline);
  const { beganAt, after, tally } = open ?? { beganAt: Date.now(), after: undefined, tally: emptyTally() };
  const part = { after, tally, limit: MAX_OBJECTS };
  const next = await surveySource(lake, spec, getS3Source(spec), part, { signal: cancellationSignal() });
  await noteSurvey(warehouse, pipeline, { beganAt, ...next });
}
