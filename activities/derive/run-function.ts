import type { AssetKey } from '../../model/asset-key.ts';
import { OutageError } from '../../model/outage-error.ts';
import { TerminalError } from '../../model/terminal-error.ts';
import type { ComputeCall, DerivedFunction, InputRow } from '../../record/derived-function.ts';

/** A function threw so often that it is the function's mistake. A person must correct it, or what it reads. */
export class FunctionFailedError extends TerminalError {
  readonly asset: AssetKey;

  constructor(asset: AssetKey, tries: number, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(
      `The function of ${asset} failed ${tries} times: ${reason}. Correct the function or what it reads, then run the partition again.`,
      { cause },
    );
    this.name = 'FunctionFailedError';
    this.asset = asset;
  }
}

/** What a mistake throws is the same each time; a few tries are for what only looked like one. */
const MAX_TRIES = 3;

/**
 * The rows of a function. What it throws itself is tried again a few times only; what the server threw while it read,
 * or what tells of an outage, as often as any step. `tries` counts this one.
 */
export async function* runFunction(
  { asset, compute }: Pick<DerivedFunction, 'asset' | 'compute'>,
  call: ComputeCall,
  tries: number,
): AsyncGenerator<unknown, void, undefined> {
  const notItsOwn = new Set<unknown>();
  const read = (input: AssetKey) => remembering(call.read(input), notItsOwn);
  try {
    yield* compute({ ...call, read });
  } catch (error) {
    const isItsOwn = !notItsOwn.has(error) && !call.signal.aborted && !isOutage(error);
    if (!isItsOwn || error instanceof TerminalError || tries < MAX_TRIES) throw error;
    throw new FunctionFailedError(asset, tries, error);
  }
}

async function* remembering(rows: AsyncIterable<InputRow>, thrown: Set<unknown>): AsyncGenerator<InputRow, void> {
  try {
    yield* rows;
  } catch (error) {
    thrown.add(error);
    throw error;
  }
}

/** What sockets and `fetch` throw has a code, a cause that has one, or is a time that was over. */
function isOutage(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof OutageError || error.name === 'TimeoutError') return true;
  return (
    ('code' in error && typeof error.code === 'string') || (error instanceof TypeError && error.cause !== undefined)
  );
}
