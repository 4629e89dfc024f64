import { formatPartition, parsePartition } from '../model/window.ts';
import type { Instant, WindowKind } from '../model/window.ts';
import { DefinitionError } from './definition-error.ts';
import { parseDuration } from './duration.ts';
import type { Duration } from './duration.ts';

/** What an asset promises of its windows. */
export interface PromiseOptions {
  /** A window is promised this long after its end. */
  readonly promise?: Duration;
  /** The first window that is promised, as it is written: `'2026-01-01T00'`. Left out: the first after the schedule was made. */
  readonly promisedFrom?: string;
}

/** The promise as data; nothing of it is part of the code version. */
export interface PromiseSpec {
  readonly promiseMs: number | undefined;
  readonly promisedFrom?: Instant;
}

/** Reads what a definition promises. Throws a `DefinitionError` where nothing can be promised so. */
export function readPromise(
  where: string,
  window: WindowKind | undefined,
  { promise, promisedFrom }: PromiseOptions,
): PromiseSpec {
  if (promise === undefined) {
    if (promisedFrom === undefined) return { promiseMs: undefined };
    throw new DefinitionError(
      where,
      "has `promisedFrom` and promises nothing. Add promise: '20 minutes', or leave it out.",
    );
  }
  if (!window) {
    throw new DefinitionError(
      where,
      'promises windows and has none: it is one whole. Leave `promise` out, or add a window.',
    );
  }
  const promiseMs = parseDuration(where, promise);
  if (promisedFrom === undefined) return { promiseMs };
  const start = parsePartition(window, promisedFrom);
  if (start !== undefined) return { promiseMs, promisedFrom: start };
  const example = formatPartition(window, Date.UTC(2026, 0, 1));
  throw new DefinitionError(
    where,
    `promises from "${promisedFrom}", which is not the start of a window. Write it as '${example}'.`,
  );
}
