import { expectTypeOf } from 'vitest';
import { door2door } from '../../assets/door2door/pipeline.ts';
import type { Row, Timestamp, Uuid } from '../../define/index.ts';

// The pipeline gives its tables under their names, and no others.
expectTypeOf(door2door).toHaveProperty('vehicle_location');
expectTypeOf(door2door).toHaveProperty('operating_periods');
// @ts-expect-error the merged object is an asset, but no table.
void door2door.events;

// A row follows from the contract: own types, pick lists as unions, null under the optional location alone.
expectTypeOf<Row<typeof door2door.vehicle_location>>().toEqualTypeOf<{
  readonly event_generated_id: Uuid;
  readonly vehicle_id: Uuid;
  readonly event_timestamp: Timestamp;
  readonly event_operation: 'register' | 'update' | 'deregister';
  readonly organization_id: string;
  readonly vehicle_latitude: number | null;
  readonly vehicle_longitude: number | null;
  readonly vehicle_location_timestamp: Timestamp | null;
  readonly original_s3_file_path: string;
}>();

expectTypeOf<Row<typeof door2door.operating_periods>>().toEqualTypeOf<{
  readonly event_generated_id: Uuid;
  readonly operating_period_id: string;
  readonly event_timestamp: Timestamp;
  readonly event_operation: 'create' | 'delete';
  readonly organization_id: string;
  readonly operating_period_start: Timestamp;
  readonly operating_period_finish: Timestamp;
  readonly original_s3_file_path: string;
}>();
