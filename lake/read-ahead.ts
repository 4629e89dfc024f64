/** How far reading may run ahead of use. */
export interface ReadAheadLimits {
  /** So many reads are under way together. */
  readonly atOnce: number;
  /** What all results that are under way or wait may cost together; one alone may cost more. */
  readonly budget: number;
}

/** One thing to read, what holding its result costs, and how to read it. */
export interface AheadRead<Result> {
  readonly cost: number;
  readonly read: () => Promise<Result>;
}

/**
 * Yields the results in the order of `reads`, while later ones are already read: a slow one holds up its turn, not the
 * others. When one fails, or the caller stops, no further read begins; those under way are left to end.
 */
export async function* readAhead<Result>(
  reads: Iterable<AheadRead<Result>>,
  { atOnce, budget }: ReadAheadLimits,
): AsyncGenerator<Result> {
  const waiting: { readonly cost: number; readonly result: Promise<Result> }[] = [];
  const rest = [...reads].reverse();
  let underWay = 0;
  let spent = 0;

  const beginMore = (): void => {
    for (let next = rest.at(-1); next !== undefined && underWay < atOnce; next = rest.at(-1)) {
      if (waiting.length > 0 && spent + next.cost > budget) return;
      rest.pop();
      underWay += 1;
      spent += next.cost;
      const result = next.read();
      waiting.push({ cost: next.cost, result });
      // Also listens to the failure, which is met only when its turn comes: Node would take it for a crash.
      result.then(
        () => {
          underWay -= 1;
          beginMore();
        },
        () => void (rest.length = 0),
      );
    }
  };

  try {
    beginMore();
    for (let first = waiting[0]; first !== undefined; first = waiting[0]) {
      yield await first.result;
      waiting.shift();
      spent -= first.cost;
      beginMore();
    }
  } finally {
    rest.length = 0;
  }
}
