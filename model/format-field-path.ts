import type { FieldValue } from './column.ts';
import type { ParentSpec } from './pipeline-spec.ts';

/** Where a value stands in the records of a table: `data.location.lat`; in a list's element `purchases.products[].sku`. */
export function formatFieldPath({ path, ofElement }: FieldValue, parent: ParentSpec | undefined): string {
  if (!ofElement || !parent) return path.join('.');
  return [`${parent.path.join('.')}[]`, ...path].join('.');
}
