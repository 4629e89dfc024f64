import postgres from 'postgres';
import type { CheckSpec } from '../model/check-spec.ts';
import type { CheckResult } from '../model/check-result.ts';
import type { LedgerEntry } from '../model/ledger-entry.ts';
import type { TableSpec } from '../model/pipeline-spec.ts';
import type { Instant, Window } from '../model/window.ts';
import type { CheckFunctions } from '../record/check-function.ts';
import { quoteIdentifier } from '../record/identifier.ts';
import type { Fence } from './fence.ts';
import { isHopeless } from './is-hopeless.ts';
import { isMeasured, judge, measureOf } from './measure-rows.ts';
import type { MeasuredRule, Verdict } from './measure-rows.ts';
import type { Transaction } from './open-warehouse.ts';
import { runFunctionCheck } from './run-function-check.ts';
import { runSqlCheck } from './run-sql-check.ts';

/** One table's new rows, and all that its checks go by. */
export interface RowsToCheck {
  readonly table: TableSpec;
  readonly loadId: Fence;
  /** Undefined where the asset has no partitions. */
  readonly window: Window | undefined;
  /** What the ledger says of the load, or is to say. */
  readonly entry: Pick<LedgerEntry, 'rowCount' | 'counts'>;
  /** When it is checked. */
  readonly now: Instant;
  readonly functions: CheckFunctions;
}

export interface CheckBounds {
  /** What one check may take. One that takes longer has failed. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Without time for a check there is no partition; with all of an hour no other window would be made. */
export const CHECK_TIMEOUT_MS = 5 * 60_000;

/** SQLSTATE of a statement that was ended because it took too long. */
const QUERY_CANCELED = '57014';

/** What is said of a check travels in messages, many at once. */
const MAX_DETAIL_LENGTH = 500;

/**
 * What one statement is asked: all rules that are measured, or one check of the user's own. Each unit fails by itself,
 * so that a caller can give each a transaction.
 */
export type CheckUnit = readonly [CheckSpec, ...CheckSpec[]];

/** Checks in as few statements as there can be: one for all that is measured, and one for each of the user's own. */
export function listCheckUnits(checks: readonly CheckSpec[]): readonly CheckUnit[] {
  const [first, ...more] = checks.filter(({ rule }) => isMeasured(rule));
  const own = checks.filter(({ rule }) => !isMeasured(rule)).map((check): CheckUnit => [check]);
  return first ? [[first, ...more], ...own] : own;
}

/** Whether the ledger alone has what the checks of a unit go by. */
export function isCounted(unit: CheckUnit): boolean {
  return unit.every(({ rule }) => isMeasured(rule) && measureOf(rule) === undefined);
}

/** Results of a unit that needs no statement. */
export function judgeCounted(unit: CheckUnit, rows: RowsToCheck): readonly CheckResult[] {
  return unit.flatMap((check) =>
    isMeasured(check.rule) ? [resultOf(rows, check, judge(check.rule, { ...rows, measure: null }))] : [],
  );
}

/**
 * Sets the bounds of what is asked within a transaction, until it ends or `unboundChecks`. In one round trip: neither
 * number is anybody's text.
 */
export async function boundChecks(tx: Transaction, { timeoutMs }: CheckBounds): Promise<void> {
  // A function may think between two pages for longer than a session is let idle; its own bound is to be met first.
  const idleMs = timeoutMs + IDLE_MORE_MS;
  await tx.unsafe(
    `set local statement_timeout = ${timeoutMs}; set local idle_in_transaction_session_timeout = ${idleMs}`,
  );
}

const IDLE_MORE_MS = 60_000;

/** Gives the transaction the session's bounds again. */
export async function unboundChecks(tx: Transaction): Promise<void> {
  await tx.unsafe('set local statement_timeout to default; set local idle_in_transaction_session_timeout to default');
}

/**
 * Runs the checks of one unit within a bounded transaction. What the server says against them is thrown, and then the
 * transaction is of no more use: `explainRefusal` tells whether it is a result.
 */
export async function runCheckUnit(
  tx: Transaction,
  rows: RowsToCheck,
  unit: CheckUnit,
  bounds: CheckBounds,
): Promise<readonly CheckResult[]> {
  if (isCounted(unit)) return judgeCounted(unit, rows);
  const [check] = unit;
  switch (check.rule.kind) {
    case 'sql':
      return [resultOf(rows, check, await runSqlCheck(tx, rows, check.rule.statement))];
    case 'function':
      return [resultOf(rows, check, await runFunctionCheck(tx, rows, check.name, bounds))];
    default:
      return measureRows(tx, rows, unit);
  }
}

/**
 * What was thrown as the results of a unit: its checks have failed, as they could not be carried out. Undefined where it
 * says nothing of them: a lost connection, a lock that was not to be had, an abortion.
 */
export function explainRefusal(
  error: unknown,
  rows: RowsToCheck,
  unit: CheckUnit,
  { timeoutMs, signal }: CheckBounds,
): readonly CheckResult[] | undefined {
  if (signal.aborted || !(error instanceof postgres.PostgresError)) return undefined;
  const isLate = error.code === QUERY_CANCELED;
  if (!isLate && !isHopeless(error)) return undefined;
  const detail = isLate ? `it was not done within ${timeoutMs / 1_000} s` : `Postgres refuses it: ${error.message}`;
  return unit.map((check) => resultOf(rows, check, { passed: false, value: null, detail }));
}

async function measureRows(tx: Transaction, rows: RowsToCheck, unit: CheckUnit): Promise<readonly CheckResult[]> {
  const { table, loadId } = rows;
  const measures = unit.map(({ rule }, index) => {
    const measure = isMeasured(rule) ? measureOf(rule) : undefined;
    return measure === undefined ? `null as m${index}` : `(${measure})::double precision as m${index}`;
  });
  const [measured = {}] = await tx.unsafe<Record<string, number | null>[]>(
    [
      `select ${measures.join(', ')}`,
      `from ${quoteIdentifier(table.schema)}.${quoteIdentifier(table.name)}`,
      `where load_id = $1`,
    ].join('\n'),
    [loadId],
  );
  return unit.map((check, index) =>
    resultOf(rows, check, judge(check.rule as MeasuredRule, { ...rows, measure: measured[`m${index}`] ?? null })),
  );
}

function resultOf({ table }: RowsToCheck, { name, blocking }: CheckSpec, verdict: Verdict): CheckResult {
  return { asset: table.asset, name, blocking, ...verdict, detail: verdict.detail.slice(0, MAX_DETAIL_LENGTH) };
}
