/** The workflows that a worker runs; their names here are their types in Temporal. */
export { backfill } from './backfill.ts';
export { derive } from './derive.ts';
export { erase } from './erase.ts';
export { erasures } from './erasures.ts';
export { hour } from './hour.ts';
export { reconcile } from './reconcile.ts';
export { requests } from './requests.ts';
