import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { trips } from '../../assets/trips/pipeline.ts';
import { openStack } from '../hour/open-stack.ts';

const FEBRUARY = Date.UTC(2025, 1, 1);
const KEY = 'yellow_tripdata_2025-02.parquet';
/** The sample is not part of the project: where it is not, the generated month below holds the same rules. */
const SAMPLE = new URL(`../../../shared/data/trips/${KEY}`, import.meta.url);
const isHere = existsSync(SAMPLE);

test(`the real sample gives the known answers ${isHere ? '' : '(not run: the sample is not on this machine)'}`, async () => {
  if (!isHere) return;
  const stack = await openStack(trips);
  try {
    await stack.feed([{ key: KEY, body: await readFile(SAMPLE) }]);
    expect(await stack.run(FEBRUARY)).toMatchObject({
      outcome: 'made',
      data: 'fresh',
      counts: { files: 1, filesLoaded: 1, lines: 28, good: 28, quarantined: 0 },
    });
    const { sql } = stack.warehouse;
    const [sums] = await sql`
      select
        count(*)::int as days,
        sum(total_passenger_count)::int as passengers,
        round(sum(total_distance)::numeric, 2)::float as distance,
        round(sum(total_fare)::numeric, 2)::float as fare
      from trips.daily_summary
    `;
    expect(sums).toEqual({ days: 28, passengers: 3875, distance: 88_959.99, fare: 83_908.85 });
    const [first] = await sql`
      select pickup_date, total_passenger_count::int, total_distance, total_fare
      from trips.daily_summary order by pickup_date limit 1
    `;
    expect(first).toEqual({
      pickup_date: '2025-02-01',
      total_passenger_count: 149,
      total_distance: 524.81,
      total_fare: 2878.67,
    });
    expect(await stack.run(FEBRUARY)).toMatchObject({ outcome: 'unchanged' });
  } finally {
    await stack.close();
  }
});
