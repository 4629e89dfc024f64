import type { AssetKey } from '../model/asset-key.ts';
import type { DerivedSpec, SqlPart } from '../model/derived-spec.ts';
import type { TableSpec } from '../model/pipeline-spec.ts';
import { isShown } from '../model/rule-set.ts';
import { windowOf } from '../model/window.ts';
import { createTableStatements } from '../record/ddl.ts';
import { quoteIdentifier } from '../record/identifier.ts';
import { renderStatement } from '../record/render-statement.ts';
import { createView, emptySchema, findUnnamedTables } from './empty-tables.ts';
import { findCheckProblems } from './find-check-problems.ts';
import type { Transaction, Warehouse } from './open-warehouse.ts';
import { reachWarehouse } from './reach-warehouse.ts';
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

/**
 * Holds each statement against the row that is declared for it, on empty tables, and has Postgres read those of checks;
 * functions are held by each row. `tables` are those of the pipelines.
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
      const all = [...tables, ...derived.map((spec) => spec.table)];
      for (const table of all) {
        const statements = createTableStatements(asEmptyTable(table));
        for (const statement of statements) await tx.unsafe(statement);
      }
      const problems: StatementProblem[] = [];
      for (const [index, spec] of derived.entries()) {
        if (spec.computation.kind !== 'sql') continue;
        const found = await findProblems(tx, spec, spec.computation.statement, `hourloom_checked_${index}`);
        problems.push(...found.map((problem) => ({ asset: spec.asset, problem })));
      }
      problems.push(...(await findCheckProblems(tx, all)));
      await tx`rollback to savepoint before_check`;
      return problems;
    }),
  );
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
  const statement = renderOnEmptyTables(spec, written);
  const refusal = await createView(tx, view, `select * from (\n${statement}) as computed`);
  if (refusal !== undefined) return [refusal];
  const given = await readColumns(tx, { schema, name });
  const unnamed = (await findUnnamedTables(tx, view)).map(
    (table) =>
      `The statement reads ${table} by its name, so a change there would not be seen. ` +
      'Put the table in as a value: from ${door2door.vehicle_location}.',
  );
  return [...findDifferences(spec.table, given), ...unnamed];
}

/** A plain table of what the public one shows: rules over the whole set need the warehouse's own tables. */
function asEmptyTable({ set: _, ...table }: TableSpec): TableSpec {
  return { ...table, schema: emptySchema(table.schema), columns: table.columns.filter(isShown) };
}

function renderOnEmptyTables(spec: DerivedSpec, written: readonly SqlPart[]): string {
  const parts = written.map((part): SqlPart => {
    switch (part.kind) {
      case 'table':
      case 'in_window':
        return { kind: 'table', schema: emptySchema(part.schema), name: part.name };
      case 'held_back':
        return { kind: 'text', text: NOTHING_HELD_BACK };
      case 'makings':
        return { kind: 'text', text: NOTHING_MADE };
      default:
        return part;
    }
  });
  return renderStatement(parts, spec.window && windowOf(spec.window, spec.window.first)).statement;
}

const NOTHING_HELD_BACK =
  '(select null::timestamptz as partition, null::text as source_key, null::bigint as line, null::text as reason, ' +
  'null::text as detail, null::text as excerpt where false)';

const NOTHING_MADE =
  '(select null::timestamptz as partition, null::bigint as rows, null::timestamptz as published_at where false)';

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
