/** How far reading may run ahead of use. */
export interface ReadAheadLimits {
  readonly atOnce: number;
  /** What all results that wait may cost together; one alone may cost more. */
  readonly budget: number;
}

/** One thing to read, what holding its result costs, and how to read it. */
export interface AheadRead<Result> {
  readonly cost: number;
  readonly read: () => Promise<Result>;
}

/**
 * Yields the results in the order of `reads`, while the next ones are already under way. When one fails, or the caller
 * stops, no further read begins; those under way are left to end.
 */
export async function* readAhead<Result>(
  reads: Iterable<AheadRead<Result>>,
  { atOnce, budget }: ReadAheadLimits,
): AsyncGenerator<Result> {
  const waiting: { readonly cost: number; readonly result: Promise<Result> }[] = [];
  let spent = 0;
  const takeFirst = async (): Promise<Result> => {
    const first = waiting.shift();
    if (first === undefined) throw new Error('takeFirst needs something that waits');
    spent -= first.cost;
    return first.result;
  };
  for (const { cost, read } of reads) {
    while (waiting.length > 0 && (waiting.length >= atOnce || spent + cost > budget)) yield await takeFirst();
    const result = read();
    // Its error is met when its turn comes; until then nobody listens, which Node would take for a crash.
    result.catch(() => undefined);
    waiting.push({ cost, result });
    spent += cost;
  }
  while (waiting.length > 0) yield await takeFirst();
}
