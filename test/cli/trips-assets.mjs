/** What the commands' test of trips runs on. */
export { trips } from '../../dist/assets/trips/pipeline.js';
