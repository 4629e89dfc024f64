import type { PipelineName } from '../model/asset-key.ts';
import { STRAY_KINDS } from '../model/survey.ts';
import type { Stray, Survey, SurveyTally } from '../model/survey.ts';
import type { Warehouse } from './open-warehouse.ts';
import { reachWarehouse } from './reach-warehouse.ts';
import { transact } from './transact.ts';

/**
 * Puts on record how far a survey is. One that has seen all takes the place of the last such; until then that one is
 * what people are shown. Safe to repeat.
 */
export async function noteSurvey(
  warehouse: Warehouse,
  pipeline: PipelineName,
  { beganAt, after, tally }: Omit<Survey, 'notedAt'>,
): Promise<void> {
  const isWhole = after === undefined;
  await reachWarehouse(warehouse, (sql) =>
    transact(sql, async (tx) => {
      if (isWhole) {
        await tx`
          delete from hourloom.survey
          where pipeline = ${pipeline}
            and not whole
        `;
      }
      await tx`
        insert into hourloom.survey (pipeline, whole, began_at, noted_at, after_key, tally)
        values (
          ${pipeline},
          ${isWhole},
          ${new Date(beganAt)},
          clock_timestamp(),
          ${isWhole ? null : Buffer.from(after)},
          ${tx.json(toStorable(tally))}
        )
        on conflict (pipeline, whole) do update
        set
          began_at = excluded.began_at,
          noted_at = excluded.noted_at,
          after_key = excluded.after_key,
          tally = excluded.tally
      `;
    }),
  );
}

/** Postgres takes no NUL in a text; the key is there to be recognized, and not to be asked for. */
function toStorable({ objects, strays }: SurveyTally) {
  const clean = (stray: Stray) => ({ ...stray, key: stray.key.replaceAll('\0', '\uFFFD') });
  const kinds = STRAY_KINDS.map((kind) => [kind, { ...strays[kind], latest: strays[kind].latest.map(clean) }] as const);
  return { objects, strays: Object.fromEntries(kinds) };
}
