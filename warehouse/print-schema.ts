import type { TableSpec } from '../model/pipeline-spec.ts';
import { createTableStatements } from '../record/ddl.ts';

/** The statements that make these tables on an empty database, each once, as a script. Nothing is asked of any server. */
export function printSchema(tables: readonly TableSpec[]): string {
  const statements = new Set(tables.flatMap(createTableStatements));
  return [...statements].map((statement) => `${statement};`).join('\n\n');
}
