import { listAddresses } from './list-addresses.ts';
import type { PipelineSpec } from './pipeline-spec.ts';
import { windowOf } from './window.ts';
import type { Instant } from './window.ts';

/** What a window waits for that is over and settled: documents that somebody else has not published. */
export interface AwaitedDocuments {
  /** The first and the last of their addresses, from where the base ends on. */
  readonly first: string;
  readonly last: string;
  /** At least 1. */
  readonly count: number;
  /** Reconcile asks for them until then. */
  readonly until: Instant;
}

/**
 * The documents that a window waits for as long as none of them is there. Undefined where nobody waits: what is listed in
 * a bucket is all there is, and after its lateness reconcile does not ask for a window any more, so that nothing is what
 * it is made of.
 */
export function awaitedDocuments(
  { source, window, latenessMs }: Pick<PipelineSpec, 'source' | 'window' | 'latenessMs'>,
  start: Instant,
  now: Instant,
): AwaitedDocuments | undefined {
  if (source.kind !== 'http') return undefined;
  const whole = windowOf(window, start);
  const until = whole.end + latenessMs;
  if (now >= until) return undefined;
  const addresses = listAddresses(source.pattern, whole, source.clockOffsetMinutes).map((path) => path.slice(1));
  const [first, last] = [addresses[0], addresses.at(-1)];
  return first === undefined || last === undefined ? undefined : { first, last, count: addresses.length, until };
}

/** For a person: `2026-10.parquet is not published yet; it is asked for until 2027-02-28T00:00:00Z.` */
export function explainAwaited({ count, until, ...awaited }: AwaitedDocuments): string {
  const at = `${new Date(until).toISOString().slice(0, 19)}Z`;
  return count === 1
    ? `${awaited.first} is not published yet; it is asked for until ${at}.`
    : `${nameAwaited({ count, ...awaited })}, are not published yet; they are asked for until ${at}.`;
}

/** `2026-10.parquet`, or `24 documents, 2026/10/01/00.csv to 2026/10/01/23.csv`. */
export function nameAwaited({ first, last, count }: Pick<AwaitedDocuments, 'first' | 'last' | 'count'>): string {
  return count === 1 ? first : `${count} documents, ${first} to ${last}`;
}
