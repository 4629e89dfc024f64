import { door2door as whole } from '../dist/assets/door2door/pipeline.js';
import { findPipeline, pipeline } from '../dist/define/index.js';

/** The project's own hours without their Parquet, so that what is measured is the making of hours and not of files. */
const { source, window } = findPipeline(whole).spec;
export const door2door = pipeline('door2door', {
  source,
  window,
  splitBy: 'on',
  tables: { vehicle_location: whole.vehicle_location, operating_periods: whole.operating_periods },
});
export { distancePerPeriod, vehicleLocationUpdate } from '../dist/assets/door2door/derived.js';
