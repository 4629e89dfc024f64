import type { CheckSqlPart } from '../model/check-spec.ts';
import type { TableSpec } from '../model/pipeline-spec.ts';
import { quoteIdentifier } from '../record/identifier.ts';
import { renderCheck } from '../record/render-check.ts';
import type { StatementProblem } from './check-derived.ts';
import { createView, emptySchema, findUnnamedTables } from './empty-tables.ts';
import type { Transaction } from './open-warehouse.ts';
import { SELECT_OFFENDING } from './run-sql-check.ts';

/** Any: what is wrong with a statement is wrong with it in each. */
const WINDOW = { start: Date.UTC(2026, 0, 1), end: Date.UTC(2026, 0, 2) };

/** What is wrong with the statements of checks, each as it runs, on the empty tables that are there. */
export async function findCheckProblems(
  tx: Transaction,
  tables: readonly TableSpec[],
): Promise<readonly StatementProblem[]> {
  const problems: StatementProblem[] = [];
  for (const table of tables) {
    const { asset, checks = [] } = table;
    for (const [index, { name, rule }] of checks.entries()) {
      if (rule.kind !== 'sql') continue;
      const found = await findProblems(tx, table, rule.statement, `hourloom_check_${index}_of_${table.name}`);
      problems.push(...found.map((problem) => ({ asset, problem: `check "${name}": ${problem}` })));
    }
  }
  return problems;
}

async function findProblems(
  tx: Transaction,
  table: TableSpec,
  written: readonly CheckSqlPart[],
  name: string,
): Promise<readonly string[]> {
  const schema = emptySchema(table.schema);
  const view = `${quoteIdentifier(schema)}.${quoteIdentifier(name.slice(0, 63))}`;
  const parts = written.map((part) => (part.kind === 'table' ? { ...part, schema: emptySchema(part.schema) } : part));
  const statement = renderCheck(SELECT_OFFENDING, parts, { table: { ...table, schema }, loadId: 0, window: WINDOW });
  const refusal = await createView(tx, view, statement);
  if (refusal !== undefined) return [refusal];
  return (await findUnnamedTables(tx, view)).map(
    (table) => `The statement reads ${table} by its name, so its verdict could change by itself. Read \${rows} alone.`,
  );
}
