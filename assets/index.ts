/** What this project makes. Everything exported here is run by the worker. */
export { door2door } from './door2door/pipeline.ts';
