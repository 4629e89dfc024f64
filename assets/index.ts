/** What this project makes. Everything exported here is run by the worker. */
export { distancePerPeriod, vehicleLocationUpdate } from './door2door/derived.ts';
export { door2door } from './door2door/pipeline.ts';
export { dailyRevenue, statistics } from './retail/derived.ts';
export { retail } from './retail/pipeline.ts';
export { trips } from './trips/pipeline.ts';
