import * as v from 'valibot';
import { daily, derived, sql, timestamp, uuid, window } from '../../define/index.ts';
import { door2door } from './pipeline.ts';

const Count = v.pipe(v.number(), v.integer());

/** Where each vehicle was, by the day. An event that came in two hours is told once. */
export const vehicleLocationUpdate = derived('door2door/vehicle_location_update', {
  window: daily(),
  key: ['vehicle_id', 'at'],
  row: v.object({ vehicle_id: uuid(), at: timestamp(), lat: v.nullable(v.number()), lng: v.nullable(v.number()) }),
  sql: sql`
    select distinct on (vehicle_id, event_timestamp)
      vehicle_id,
      event_timestamp as at,
      vehicle_latitude as lat,
      vehicle_longitude as lng
    from ${door2door.vehicle_location}
    where event_operation = 'update'
      and event_timestamp <@ ${window}
    order by vehicle_id, event_timestamp, original_s3_file_path
  `,
});

/**
 * How far vehicles went in each operating period: the great circles between one vehicle's updates whose location was
 * taken within the period, one after the other, on a sphere of the earth's mean radius (6,371,008.8 m). A period is as
 * its last event says; one that was deleted is none. The average is over vehicles with an update in the period.
 */
export const distancePerPeriod = derived('door2door/distance_per_period', {
  key: ['operating_period_id'],
  row: v.object({
    operating_period_id: v.string(),
    vehicles: Count,
    updates: Count,
    average_distance_m: v.nullable(v.number()),
    total_distance_m: v.number(),
  }),
  sql: sql`
    with newest as (
      select distinct on (operating_period_id)
        operating_period_id,
        event_operation,
        operating_period_start,
        operating_period_finish
      from ${door2door.operating_periods}
      order by operating_period_id, event_timestamp desc, event_generated_id
    ), leg as (
      select
        newest.operating_period_id,
        location.vehicle_id,
        location.vehicle_latitude as lat,
        location.vehicle_longitude as lng,
        lag(location.vehicle_latitude) over earlier as lat_before,
        lag(location.vehicle_longitude) over earlier as lng_before
      from newest
      left join ${door2door.vehicle_location} as location
        on location.event_operation = 'update'
        and location.vehicle_location_timestamp
          between newest.operating_period_start and newest.operating_period_finish
      where newest.event_operation <> 'delete'
      window earlier as (
        partition by newest.operating_period_id, location.vehicle_id
        order by location.vehicle_location_timestamp, location.event_timestamp
      )
    ), haversine as (
      select
        operating_period_id,
        vehicle_id,
        sind((lat - lat_before) / 2) ^ 2 + cosd(lat_before) * cosd(lat) * sind((lng - lng_before) / 2) ^ 2 as h
      from leg
    ), distance as (
      select
        operating_period_id,
        vehicle_id,
        -- Null for a vehicle's first update. Rounding can make h a little more than 1.
        2 * 6371008.8 * atan2(sqrt(h), sqrt(greatest(1 - h, 0))) as metres
      from haversine
    )
    select
      operating_period_id,
      count(distinct vehicle_id) as vehicles,
      count(vehicle_id) as updates,
      sum(metres) / nullif(count(distinct vehicle_id), 0) as average_distance_m,
      coalesce(sum(metres), 0) as total_distance_m
    from distance
    group by operating_period_id
  `,
});
