import type { Instant } from '../model/window.ts';
import type { Queryable } from './open-warehouse.ts';

/** The warehouse's own time, so that what several workers saw can be put in order. */
export async function readClock(sql: Queryable): Promise<Instant> {
  const [row] = await sql<[{ now: Date }]>`select clock_timestamp() as now`;
  return row.now.getTime();
}
