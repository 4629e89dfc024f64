import type { TableSpec } from '../model/pipeline-spec.ts';
import { applySchema } from './apply-schema.ts';
import type { Warehouse } from './open-warehouse.ts';

/**
 * Sees to it that every table is there and takes the rows of its definition. Throws a `TableDiffersError` where one would
 * need more than new columns; then none was changed. Safe to run from many workers at once.
 */
export async function ensureTables(warehouse: Warehouse, tables: readonly TableSpec[]): Promise<void> {
  await applySchema(warehouse, tables);
}
