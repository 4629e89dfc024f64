/** What the commands' tests run on: one pipeline and what is computed from it, whatever else the project declares. */
export { distancePerPeriod, vehicleLocationUpdate } from '../../dist/assets/door2door/derived.js';
export { door2door } from '../../dist/assets/door2door/pipeline.js';
