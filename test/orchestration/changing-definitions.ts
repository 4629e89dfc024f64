import * as v from 'valibot';
import { daily, derived, hourly, key, pipeline, s3Files, sql, table, timestamp, window } from '../../define/index.ts';

const HOUR_MS = 3_600_000;
export const RECENT = Math.floor(Date.now() / HOUR_MS) * HOUR_MS - 2 * HOUR_MS;
/** Long before the lateness window. */
export const OLD = [0, 1, 2].map((index) => RECENT - 1_000 * HOUR_MS + index * HOUR_MS) as [number, number, number];
export const HOURS = [...OLD, RECENT];

export const base = { on: v.literal('reading'), at: timestamp(), id: v.string(), value: v.number() };
const Reading = v.object(base);
const Alarm = v.object({ on: v.literal('alarm'), at: timestamp(), id: v.string(), text: v.string() });
const readings = table(Reading, ({ id, at, value }) => ({ id: key(id), at: key(at), value }));
const withUnit = table(v.object({ ...base, unit: v.nullish(v.string()) }), ({ id, at, value, unit }) => ({
  ...{ id: key(id), at: key(at), value, unit },
}));
export const alarms = table(Alarm, ({ id, at, text }) => ({ id: key(id), at, text }));

/** A pipeline of these tables, over hours of which the first few and the newest will be made. */
export function declare<Tables extends Parameters<typeof pipeline>[1]['tables']>(tables: Tables) {
  return pipeline('changing', {
    source: s3Files('s3://changing/in/{yyyy}-{MM}-{dd}-{HH}-{m}.json'),
    window: hourly(new Date(RECENT - 1_000 * HOUR_MS).toISOString().slice(0, 13)),
    settle: '1 minute',
    splitBy: 'on' as never,
    tables,
  });
}

export const FIRST = declare({ readings });
export const SECOND = declare({ readings: withUnit });
export const THIRD = declare({ readings: withUnit, alarms });

/** The same in each version: only what it reads changes. */
export const countOf = (of: { readonly readings: (typeof FIRST)['readings'] }) =>
  derived('changing/daily_count', {
    window: daily(),
    key: ['readings'],
    row: v.object({ readings: v.pipe(v.number(), v.integer()) }),
    sql: sql`select count(*) as readings from ${of.readings} where at <@ ${window}`,
  });
