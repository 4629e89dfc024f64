/** The workflows that a worker runs; their names here are their types in Temporal. */
export { hour } from './hour.ts';
