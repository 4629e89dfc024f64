import type postgres from 'postgres';
import type { AssetKey } from '../model/asset-key.ts';
import type { TableSpec } from '../model/pipeline-spec.ts';
import { TerminalError } from '../model/terminal-error.ts';
import type { InputRow } from '../record/derived-function.ts';
import { copyInto } from './copy-into.ts';
import { isHopeless } from './is-hopeless.ts';
import type { Transaction } from './open-warehouse.ts';
import { readInput } from './read-input.ts';
import type { InputTable } from './read-input.ts';
import { takeTurns } from './take-turns.ts';
import { whenAborted } from './when-aborted.ts';

/** What the server refused of a function's rows, or of what it reads. A person must change one of them. */
export class FunctionError extends TerminalError {
  readonly asset: AssetKey;

  constructor(asset: AssetKey, cause: postgres.PostgresError) {
    const detail = cause.detail === undefined ? '' : ` (${cause.detail.replace(/\.$/u, '')})`;
    super(
      `The function of ${asset} failed: ${cause.message}${detail}. Correct the function or what it reads, then run the partition again.`,
      { cause },
    );
    this.name = 'FunctionError';
    this.asset = asset;
  }
}

/** What a function's rows are read from and written to. */
export interface ComputedCopy {
  readonly table: TableSpec;
  readonly tables: readonly InputTable[];
  /** Gives the rows in pieces, each a whole COPY BINARY of the table's columns. It reads while the transaction is open. */
  readonly copies: (read: (asset: AssetKey) => AsyncIterable<InputRow>) => AsyncGenerator<Uint8Array, void, undefined>;
}

/** A function may think between two statements for longer than a session is let idle; who calls it bounds it as a whole. */
const IDLE_MS = 60 * 60_000;

/**
 * Copies rows into a table while a function computes them, reading by cursors of the same transaction, and returns how
 * many the server counted. A connection cannot read within a COPY, so that each piece is a COPY of its own.
 *
 * A function that ignores the signal is left where it is: it reads nothing more, and nobody takes its rows.
 */
export async function copyComputed(
  tx: Transaction,
  { table, tables, copies }: ComputedCopy,
  signal: AbortSignal | undefined,
): Promise<number> {
  const inTurn = takeTurns();
  let cursors = 0;
  const read = (asset: AssetKey): AsyncIterable<InputRow> => {
    const input = tables.find((each) => each.table.asset === asset);
    if (!input) throw new Error(`${table.asset} does not read ${asset}.`);
    cursors += 1;
    return readInput(tx, inTurn, input, `hourloom_input_${cursors}`);
  };
  await tx`select set_config('idle_in_transaction_session_timeout', ${String(IDLE_MS)}, true)`;
  signal?.throwIfAborted();

  const target = { schema: table.schema, table: table.name, columns: table.columns.map(({ name }) => name) };
  const producer = copies(read);
  const stopped = whenAborted(signal);
  let rows = 0;
  try {
    for (;;) {
      const next = await Promise.race([producer.next(), stopped.promise]);
      if (next.done) return rows;
      rows += await inTurn(() => copyInto(tx, target, once(next.value), signal));
    }
  } catch (error) {
    // A function that is waiting for something may never settle: told, but not waited for.
    producer.return().catch(() => undefined);
    throw isHopeless(error) ? new FunctionError(table.asset, error) : error;
  } finally {
    stopped.forget();
  }
}

async function* once(chunk: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield chunk;
}
