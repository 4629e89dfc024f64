import postgres from 'postgres';
import type { PipelineName } from '../model/asset-key.ts';
import { deriveIdentifier } from '../record/identifier.ts';
import { ONE_STATEMENT } from './fill-table.ts';
import type { Transaction } from './open-warehouse.ts';
import { isConnectionLost } from './reach-warehouse.ts';

const SCHEMA_SUFFIX = 'hourloom_check';

/** Where the empty table stands for one of this schema. */
export function emptySchema(schema: string): PipelineName {
  return deriveIdentifier(schema, SCHEMA_SUFFIX) as PipelineName;
}

/**
 * Makes a view of a statement, which Postgres then has read but not run. Returns what is wrong with the statement, in
 * whole sentences; undefined where nothing is. What a user wrote stands in it on lines of its own.
 */
export async function createView(tx: Transaction, view: string, statement: string): Promise<string | undefined> {
  const create = `create view ${view} as ${statement}`;
  try {
    await tx.savepoint((attempt) => attempt.unsafe(create, [], ONE_STATEMENT));
    return undefined;
  } catch (error) {
    if (!(error instanceof postgres.PostgresError) || isConnectionLost(error)) throw error;
    return describeRefusal(error, create);
  }
}

/** The tables that a view reads by their names, and not as values: of these nothing is known. */
export async function findUnnamedTables(tx: Transaction, view: string): Promise<readonly string[]> {
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
  return tables.map(({ name }) => name);
}

/** SQLSTATE of a table that is not there. */
const UNDEFINED_TABLE = '42P01';

function describeRefusal(error: postgres.PostgresError, statement: string): string {
  const at = Number(error.position) - 1;
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
