import { isShown } from '../model/rule-set.ts';
import type { CheckVerdict } from '../record/check-function.ts';
import type { InputRow } from '../record/derived-function.ts';
import { quoteIdentifier } from '../record/identifier.ts';
import { sha256Hex } from '../record/sha256-hex.ts';
import type { Verdict } from './measure-rows.ts';
import type { Transaction } from './open-warehouse.ts';
import { selectInputColumn, streamRows } from './read-input.ts';
import type { CheckBounds, RowsToCheck } from './run-checks.ts';
import { takeTurns } from './take-turns.ts';
import type { InTurn } from './take-turns.ts';
import { whenAborted } from './when-aborted.ts';

/**
 * Has a check's function judge the rows of a load, read by a cursor of the transaction. One that throws has failed, and
 * so has one whose time is over: it is told, and left where it is. What the warehouse says to its reading is thrown.
 */
export async function runFunctionCheck(
  tx: Transaction,
  rows: RowsToCheck,
  name: string,
  { timeoutMs, signal }: CheckBounds,
): Promise<Verdict> {
  const run = rows.functions[name];
  if (!run) return failed('this worker does not have its function; deploy its definition');
  const time = AbortSignal.timeout(timeoutMs);
  const inTime = AbortSignal.any([signal, time]);
  const reading: Reading = { isOver: false };
  const stopped = whenAborted(inTime);
  try {
    const read = readRows(tx, rows, { name, signal: inTime, reading });
    const call = { window: rows.window, signal: inTime, rows: read };
    const verdict = await Promise.race([Promise.resolve().then(() => run(call)), stopped.promise]);
    // It need not have read to the end.
    await Promise.race([read.return(), stopped.promise]);
    if (reading.error) throw reading.error;
    return readVerdict(verdict);
  } catch (error) {
    signal.throwIfAborted();
    if (reading.error) throw reading.error;
    if (time.aborted) return failed(`it was not done within ${timeoutMs / 1_000} s`);
    return failed(`it threw ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`);
  } finally {
    reading.isOver = true;
    stopped.forget();
  }
}

/** What a function reads, for as long as somebody waits for what it says. */
interface Reading {
  isOver: boolean;
  /** What the warehouse said to it. */
  error?: Error;
}

async function* readRows(
  tx: Transaction,
  { table, loadId }: RowsToCheck,
  { name, signal, reading }: { readonly name: string; readonly signal: AbortSignal; readonly reading: Reading },
): AsyncGenerator<InputRow, void, undefined> {
  const { asset, schema, columns, key } = table;
  // Another check of the transaction may have been left with its cursor open.
  const cursor = `hourloom_check_${sha256Hex(`${asset} ${name}`).slice(0, 16)}`;
  const select = [
    `select ${columns.filter(isShown).map(selectInputColumn).join(', ')}`,
    `from ${quoteIdentifier(schema)}.${quoteIdentifier(table.name)} as input`,
    'where load_id = $1',
    `order by ${key.map((column) => `input.${quoteIdentifier(column)}`).join(', ')}`,
  ].join('\n');
  const turns = takeTurns();
  // A function that is left behind must not send anything into what the transaction does next.
  const inTurn: InTurn = async (work) => {
    signal.throwIfAborted();
    if (reading.isOver) throw new Error('The check is over: nothing more is read for it.');
    return turns(work);
  };
  try {
    yield* streamRows(tx, inTurn, { select, parameters: [loadId], cursor });
  } catch (error) {
    if (error instanceof Error && !reading.isOver && !signal.aborted) reading.error = error;
    throw error;
  }
}

function readVerdict(verdict: unknown): Verdict {
  const { passed, value, detail } = (verdict ?? {}) as Partial<CheckVerdict>;
  if (typeof passed !== 'boolean') return failed('it did not say whether it passed; return { passed: true } or false');
  const measured = typeof value === 'number' && Number.isFinite(value) ? value : null;
  return { passed, value: measured, detail: typeof detail === 'string' && detail !== '' ? detail : said(passed) };
}

function said(passed: boolean): string {
  return passed ? 'it passed' : 'it did not pass';
}

function failed(detail: string): Verdict {
  return { passed: false, value: null, detail };
}
