import type { CheckVerdict } from '../record/check-function.ts';
import type { InputRow } from '../record/derived-function.ts';
import { quoteIdentifier } from '../record/identifier.ts';
import { isHopeless } from './is-hopeless.ts';
import type { Verdict } from './measure-rows.ts';
import type { Transaction } from './open-warehouse.ts';
import { selectInputColumn, streamRows } from './read-input.ts';
import type { CheckBounds, RowsToCheck } from './run-checks.ts';
import { takeTurns } from './take-turns.ts';
import type { InTurn } from './take-turns.ts';
import { whenAborted } from './when-aborted.ts';

/**
 * Has a check's function judge the rows of a load, read by a cursor of the transaction. One that throws has failed, and
 * so has one whose time is over: it is told, and left where it is. What the warehouse does to its reading is thrown.
 */
export async function runFunctionCheck(
  tx: Transaction,
  rows: RowsToCheck,
  name: string,
  { timeoutMs, signal }: CheckBounds,
): Promise<Verdict> {
  const run = rows.functions[name];
  if (!run) return failed('this worker does not have its function; deploy its definition');
  // A function may think between two pages for longer than a session is let idle.
  await tx`select set_config('idle_in_transaction_session_timeout', ${String(timeoutMs + IDLE_MORE_MS)}, true)`;
  const time = AbortSignal.timeout(timeoutMs);
  const inTime = AbortSignal.any([signal, time]);
  const reading: Reading = { isOver: false };
  const stopped = whenAborted(inTime);
  try {
    const call = { window: rows.window, signal: inTime, rows: readRows(tx, rows, inTime, reading) };
    const verdict = await Promise.race([Promise.resolve().then(() => run(call)), stopped.promise]);
    return readVerdict(verdict);
  } catch (error) {
    signal.throwIfAborted();
    if (time.aborted) return failed(`it was not done within ${timeoutMs / 1_000} s`);
    if (reading.error && !isHopeless(reading.error)) throw reading.error;
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

/** So that the function's own bound is met first, and says what it is. */
const IDLE_MORE_MS = 60_000;

async function* readRows(
  tx: Transaction,
  { table, loadId }: RowsToCheck,
  signal: AbortSignal,
  reading: Reading,
): AsyncGenerator<InputRow, void, undefined> {
  const { schema, name, columns, key } = table;
  const select = [
    `select ${columns.map(selectInputColumn).join(', ')}`,
    `from ${quoteIdentifier(schema)}.${quoteIdentifier(name)} as input`,
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
    yield* streamRows(tx, inTurn, { select, parameters: [loadId], cursor: 'hourloom_checked' });
  } catch (error) {
    reading.error = error instanceof Error ? error : new Error('The rows could not be read.', { cause: error });
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
