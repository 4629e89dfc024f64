import postgres from 'postgres';
import type { AssetKey, PipelineName } from '../model/asset-key.ts';
import type { DerivedSpec, SqlPart } from '../model/derived-spec.ts';
import type { TableSpec } from '../model/pipeline-spec.ts';
import { windowOf } from '../model/window.ts';
import { createTableStatements } from '../record/ddl.ts';
import { deriveIdentifier, quoteIdentifier } from '../record/identifier.ts';
import { renderStatement } from '../record/render-statement.ts';
import { ONE_STATEMENT } from './fill-table.ts';
import type { Transaction, Warehouse } from './open-warehouse.ts';
import { isConnectionLost, reachWarehouse } from './reach-warehouse.ts';
import { catalogueName, readColumns } from './read-columns.ts';
import type { Column } from './read-columns.ts';
import { transact } from './transact.ts';

/** A statement that Postgres refuses, or that does not give what its asset's `row` says. */
export interface StatementProblem {
  readonly asset: AssetKey;
  /** What is wrong and what to do, in whole sentences. */
  readonly problem: string;
}

const STATEMENT_TIMEOUT_MS = 15_000;
const SCHEMA_SUFFIX = 'hourloom_check';

/**
 * Holds each statement against the row that is declared for it, on empty tables; functions are held by each row. `tables` are those of the pipelines.
 * Works in schemas of its own, within a transaction that is rolled back: what the warehouse holds is neither needed nor
 * touched.
 */
export async function checkDerived(
  warehouse: Warehouse,
  derived: readonly DerivedSpec[],
  tables: readonly TableSpec[],
): Promise<readonly StatementProblem[]> {
  return reachWarehouse(warehouse, (sql) =>
    transact(sql, async (tx) => {
      await tx`select set_config('statement_timeout', ${String(STATEMENT_TIMEOUT_MS)}, true)`;
      await tx`savepoint before_check`;
      for (const table of [...tables, ...derived.map((spec) => spec.table)]) {
        const statements = createTableStatements({ ...table, schema: emptySchema(table.schema) });
        for (const statement of statements) await tx.unsafe(statement);
      }
      const problems: StatementProblem[] = [];
      for (const [index, spec] of derived.entries()) {
        if (spec.computation.kind !== 'sql') continue;
        const found = await findProblems(tx, spec, spec.computation.statement, `hourloom_checked_${index}`);
        problems.push(...found.map((problem) => ({ asset: spec.asset, problem })));
      }
      await tx`rollback to savepoint before_check`;
      return problems;
    }),
  );
}

/** Where the empty table stands for one of this schema. */
function emptySchema(schema: string): PipelineName {
  return deriveIdentifier(schema, SCHEMA_SUFFIX) as PipelineName;
}

/**
 * A view is a statement that Postgres has read but not run; the catalogue says what it gives and what it reads. The
 * statement stands in it as it does when rows are made.
 */
async function findProblems(
  tx: Transaction,
  spec: DerivedSpec,
  written: readonly SqlPart[],
  name: string,
): Promise<readonly string[]> {
  const schema = emptySchema(spec.table.schema);
  const view = `${quoteIdentifier(schema)}.${name}`;
  const before = `create view ${view} as select * from (\n`;
  const statement = renderOnEmptyTables(spec, written);
  try {
    await tx.savepoint((attempt) => attempt.unsafe(`${before}${statement}) as computed`, [], ONE_STATEMENT));
  } catch (error) {
    if (!(error instanceof postgres.PostgresError) || isConnectionLost(error)) throw error;
    return [describeRefusal(error, statement, before.length)];
  }
  const given = await readColumns(tx, { schema, name });
  return [...findDifferences(spec.table, given), ...(await findUnnamedTables(tx, view))];
}

function renderOnEmptyTables(spec: DerivedSpec, written: readonly SqlPart[]): string {
  const parts = written.map((part) => (part.kind === 'table' ? { ...part, schema: emptySchema(part.schema) } : part));
  return renderStatement(parts, spec.window && windowOf(spec.window, spec.window.first)).statement;
}

function findDifferences({ columns }: TableSpec, given: readonly Column[]): readonly string[] {
  const types = new Map(given.map(({ name, type }) => [name, type]));
  const declared = new Set(columns.map(({ name }) => name));
  return [
    ...columns.flatMap(({ name, type }) => {
      const found = types.get(name);
      if (found === undefined) return [`The statement does not give "${name}", which \`row\` has. Select it.`];
      if (found === catalogueName(type)) return [];
      return [`The statement gives "${name}" as ${found}, \`row\` says ${type}. Cast it there: (…)::${type}.`];
    }),
    ...given
      .filter(({ name }) => !declared.has(name))
      .map(({ name }) => `The statement gives "${name}", which \`row\` lacks. Leave it out, or add it to \`row\`.`),
  ];
}

/** Tables that are written by name: nothing would be computed anew when they change. */
async function findUnnamedTables(tx: Transaction, view: string): Promise<readonly string[]> {
  const tables = await tx<{ name: string }[]>`
    select distinct format('%I.%I', namespace.nspname, class.relname) as name
    from pg_depend as depend
    join pg_rewrite as rule on rule.oid = depend.objid
    join pg_class as class on class.oid = depend.refobjid
    join pg_namespace as namespace on namespace.oid = class.relnamespace
    where depend.classid = 'pg_rewrite'::regclass
      and depend.refclassid = 'pg_class'::regclass
      and rule.ev_class = ${view}::regclass
      and class.oid <> rule.ev_class
      and namespace.nspname not like ${`%\\_${SCHEMA_SUFFIX.replaceAll('_', '\\_')}`}
    order by name
  `;
  return tables.map(
    ({ name }) =>
      `The statement reads ${name} by its name, so a change there would not be seen. ` +
      'Put the table in as a value: from ${door2door.vehicle_location}.',
  );
}

/** SQLSTATE of a table that is not there. */
const UNDEFINED_TABLE = '42P01';

function describeRefusal(error: postgres.PostgresError, statement: string, offset: number): string {
  const at = Number(error.position) - 1 - offset;
  const line = at >= 0 && at < statement.length ? ` in "${lineAt(statement, at)}"` : '';
  const hint = error.hint ? ` ${error.hint}` : '';
  const remedy =
    error.code === UNDEFINED_TABLE
      ? ' Put tables in as values: from ${door2door.vehicle_location}.'
      : ' Correct the statement.';
  return `Postgres refuses the statement: ${error.message}${line}.${hint}${remedy}`.replaceAll(`_${SCHEMA_SUFFIX}`, '');
}

function lineAt(text: string, at: number): string {
  const end = text.indexOf('\n', at);
  return text.slice(text.lastIndexOf('\n', at - 1) + 1, end < 0 ? undefined : end).trim();
}
