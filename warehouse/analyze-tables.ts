import type { TableSpec } from '../model/pipeline-spec.ts';
import { rowsTable } from '../model/rule-set.ts';
import type { Warehouse } from './open-warehouse.ts';

/** What is held back shows values of the tables' records, and so do the verdicts of rules over all hours. */
const BESIDE = ['quarantine', 'ruling'];

/**
 * Has Postgres take samples of these tables anew. Its planner keeps the most frequent values of each column as they were
 * at the last time, and so those too that have gone since. A sample is of a bounded size, whatever the table's.
 */
export async function analyzeTables({ sql }: Warehouse, tables: readonly TableSpec[]): Promise<void> {
  for (const table of tables) await sql`analyze ${sql(table.schema)}.${sql(rowsTable(table))}`;
  for (const name of BESIDE) await sql`analyze hourloom.${sql(name)}`;
}
