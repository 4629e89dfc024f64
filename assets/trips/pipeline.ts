import * as v from 'valibot';
import {
  files,
  hashedUuid,
  key,
  monthly,
  parquet,
  pipeline,
  s3Files,
  sql,
  sqlCheck,
  rows,
  table,
} from '../../define/index.ts';
import { sampleTrips } from './sample.ts';

const Count = v.pipe(v.number(), v.integer());

const Day = v.object({
  pickup_date: v.string(),
  trips: Count,
  total_passenger_count: Count,
  total_distance: v.number(),
  total_fare: v.number(),
  avg_trip_distance: v.nullable(v.number()),
  avg_fare_amount: v.nullable(v.number()),
  negative_fares: Count,
  impossible_distances: Count,
  dropoffs_before_pickup: Count,
});

/**
 * A day's trips by the moment of pickup. Distances and fares are added as decimals, so that the sums are the same on
 * every run, whatever order the rows are read in.
 */
const DAYS = sql`
  with day as (
    select
      tpep_pickup_datetime::date as pickup_date,
      count(*) as trips,
      count(passenger_count) as passengers,
      count(trip_distance) as distances,
      count(fare_amount) as fares,
      sum(trip_distance::decimal(18, 4)) as distance,
      sum(fare_amount::decimal(18, 4)) as fare,
      count_if(fare_amount < 0) as negative_fares,
      -- No car goes further in a day.
      count_if(trip_distance < 0 or trip_distance > 1000) as impossible_distances,
      count_if(tpep_dropoff_datetime < tpep_pickup_datetime) as dropoffs_before_pickup
    from ${files}
    group by 1
  )
  select
    strftime(pickup_date, '%Y-%m-%d') as pickup_date,
    trips,
    passengers as total_passenger_count,
    coalesce(distance, 0)::double as total_distance,
    coalesce(fare, 0)::double as total_fare,
    distance::double / distances as avg_trip_distance,
    fare::double / fares as avg_fare_amount,
    negative_fares,
    impossible_distances,
    dropoffs_before_pickup
  from day
  order by pickup_date
`;

/** Taxi trips: one file of Parquet a month, with a row for each trip. Their clock counts as UTC. */
export const trips = pipeline('trips', {
  description: 'Taxi trips, summed up by the day.',
  source: s3Files('s3://trips/yellow_tripdata_{yyyy}-{MM}.parquet', {
    format: parquet({
      columns: {
        tpep_pickup_datetime: 'timestamp',
        tpep_dropoff_datetime: 'timestamp',
        passenger_count: 'number',
        trip_distance: 'number',
        fare_amount: 'number',
      },
      time: 'tpep_pickup_datetime',
      records: DAYS,
    }),
  }),
  window: monthly('2025-01'),
  settle: '5 minutes',
  lateness: '120 days',
  tables: {
    daily_summary: table(
      Day,
      ({ pickup_date, ...sums }) => ({ summary_id: key(hashedUuid(pickup_date)), pickup_date, ...sums }),
      {
        checks: () => [
          sqlCheck('negative_fares', sql`select coalesce(sum(negative_fares), 0)::bigint as count from ${rows}`),
          sqlCheck(
            'impossible_distances',
            sql`select coalesce(sum(impossible_distances), 0)::bigint as count from ${rows}`,
          ),
          sqlCheck(
            'dropoffs_before_pickup',
            sql`select coalesce(sum(dropoffs_before_pickup), 0)::bigint as count from ${rows}`,
          ),
        ],
      },
    ),
  },
  parquet: true,
  sample: sampleTrips,
});
