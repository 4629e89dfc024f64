import * as v from 'valibot';
import { daily, derived, sql, window } from '../../define/index.ts';
import type { WindowSpec } from '../../model/window.ts';
import { makeTelemetry } from '../hour/telemetry.ts';

/** The pipeline of two tables, a daily count of its readings, and a total that is made of the counts. */
export function makeDerivedTelemetry(name: string, hours?: WindowSpec) {
  const telemetry = makeTelemetry(name, hours);
  const daily_count = derived(`${name}/daily_count`, {
    window: daily(),
    key: ['readings'],
    row: v.object({ readings: v.pipe(v.number(), v.integer()) }),
    sql: sql`select count(*) as readings from ${telemetry.readings} where at <@ ${window}`,
  });
  const total = derived(`${name}/total`, {
    key: ['readings'],
    row: v.object({ readings: v.pipe(v.number(), v.integer()) }),
    sql: sql`select coalesce(sum(readings), 0)::bigint as readings from ${daily_count}`,
  });
  return { telemetry, derived: [daily_count, total] };
}
