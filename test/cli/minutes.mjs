import * as v from 'valibot';
import { every, key, pipeline, s3Files, table } from '../../dist/define/index.js';

/** A pipeline with more windows than anybody backfills by accident. Given to the built program, so it is built code too. */
export const minutes = pipeline('minutes', {
  source: s3Files('s3://minutes/{yyyy}/{MM}/{dd}/{HH}/{mm}.jsonl'),
  window: every('1 minute', '2020-01-01T00:00'),
  tables: { ticks: table(v.object({ tick: v.string() }), ({ tick }) => ({ tick: key(tick) })) },
});
