/**
 * What a function yields, one after the other, until the signal is aborted: then it throws the signal's reason at once,
 * also where the function does not listen. What such a function yields later reaches nobody.
 */
export async function* drawRecords(
  begin: () => AsyncIterable<unknown>,
  signal: AbortSignal,
): AsyncGenerator<unknown, void> {
  const iterator = begin()[Symbol.asyncIterator]();
  // One listener for all records: there may be millions.
  let giveUp: (reason: Error) => void = () => undefined;
  const stop = (): void => giveUp(signal.reason as Error);
  signal.addEventListener('abort', stop, { once: true });
  try {
    for (;;) {
      signal.throwIfAborted();
      const next = await new Promise<IteratorResult<unknown>>((resolve, reject) => {
        giveUp = reject;
        Promise.resolve(iterator.next()).then(resolve, reject);
      });
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    signal.removeEventListener('abort', stop);
    // Not waited for: one that waits for something else would hold us.
    void end(iterator);
  }
}

/** The promise's own end, or the signal's reason where that comes first. */
export function untilAborted<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(signal.reason as Error);
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    const forget = (): void => signal.removeEventListener('abort', stop);
    promise.then(
      (value) => {
        forget();
        resolve(value);
      },
      (error: unknown) => {
        forget();
        reject(error);
      },
    );
  });
}

async function end(iterator: AsyncIterator<unknown>): Promise<void> {
  try {
    await iterator.return?.();
  } catch {
    // The attempt is over; how its function takes that is its own matter.
  }
}
