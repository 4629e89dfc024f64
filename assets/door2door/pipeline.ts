import * as v from 'valibot';
import { hashedUuid, hourly, key, pipeline, s3Files, table, timestamp, uuid } from '../../define/index.ts';
import { sampleVehicles } from './sample.ts';

const Event = { at: timestamp(), organization_id: v.string() };
const Location = v.object({ lat: v.number(), lng: v.number(), at: timestamp() });

const VehicleEvent = v.object({
  ...Event,
  on: v.literal('vehicle'),
  event: v.picklist(['register', 'update', 'deregister']),
  data: v.object({ id: uuid(), location: v.nullish(Location) }),
});

const PeriodEvent = v.object({
  ...Event,
  on: v.literal('operating_period'),
  event: v.picklist(['create', 'delete']),
  data: v.object({ id: v.string(), start: timestamp(), finish: timestamp() }),
});

/** Telemetry of vehicles: small files, one or more a minute, each line an event. */
export const door2door = pipeline('door2door', {
  description: 'What vehicles report, and the periods in which they operate.',
  source: s3Files('s3://door2door-events/data/{yyyy}-{MM}-{dd}-{HH}-{m}-{s}-events.json', { clock: '-03:00' }),
  window: hourly('2019-06-01T18'),
  settle: '5 minutes',
  lateness: '3 days',
  promise: '20 minutes',
  splitBy: 'on',
  tables: {
    vehicle_location: table(VehicleEvent, ({ data, at, event, organization_id }, line) => ({
      event_generated_id: key(hashedUuid(data.id, at)),
      vehicle_id: data.id,
      event_timestamp: at,
      event_operation: event,
      organization_id,
      vehicle_latitude: data.location.lat,
      vehicle_longitude: data.location.lng,
      vehicle_location_timestamp: data.location.at,
      original_s3_file_path: line.sourceKey,
    })),
    operating_periods: table(PeriodEvent, ({ data, at, event, organization_id }, line) => ({
      event_generated_id: key(hashedUuid(data.id, at)),
      operating_period_id: data.id,
      event_timestamp: at,
      event_operation: event,
      organization_id,
      operating_period_start: data.start,
      operating_period_finish: data.finish,
      original_s3_file_path: line.sourceKey,
    })),
  },
  parquet: true,
  sample: sampleVehicles,
});
