import type { PipelineName } from '../model/asset-key.ts';
import type { Survey, Surveys, SurveyTally } from '../model/survey.ts';
import type { Queryable } from './open-warehouse.ts';

/** What is on record of a pipeline's surveys. */
export async function readSurveys(sql: Queryable, pipeline: PipelineName): Promise<Surveys> {
  const rows = await sql<SurveyRow[]>`
    select whole, began_at, noted_at, after_key, tally
    from hourloom.survey
    where pipeline = ${pipeline}
  `;
  const find = (isWhole: boolean): Survey | undefined => {
    const row = rows.find(({ whole }) => whole === isWhole);
    return (
      row && {
        beganAt: row.began_at.getTime(),
        notedAt: row.noted_at.getTime(),
        after: row.after_key?.toString(),
        tally: row.tally,
      }
    );
  };
  return { whole: find(true), open: find(false) };
}

interface SurveyRow {
  readonly whole: boolean;
  readonly began_at: Date;
  readonly noted_at: Date;
  readonly after_key: Buffer | null;
  readonly tally: SurveyTally;
}
