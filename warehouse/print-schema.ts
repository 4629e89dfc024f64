import type { TableSpec } from '../model/pipeline-spec.ts';
import { createTableStatements } from '../record/ddl.ts';
import { externalTableStatements } from '../record/external-table.ts';
import type { ExternalTable, LakeDialect } from '../record/external-table.ts';

export type { ExternalTable } from '../record/external-table.ts';

/** The statements that make these tables on an empty database, each once, as a script. Nothing is asked of any server. */
export function printSchema(tables: readonly TableSpec[]): string {
  return writeScript(tables.flatMap(createTableStatements));
}

/** The statements by which readers of the lake see these tables, as a script in their words. */
export function printExternalSchema(dialect: LakeDialect, tables: readonly ExternalTable[]): string {
  return writeScript(tables.flatMap((table) => externalTableStatements(dialect, table)));
}

function writeScript(statements: readonly string[]): string {
  return [...new Set(statements)].map((statement) => `${statement};`).join('\n\n');
}
