import type { LineCounts } from '../model/counts.ts';
import type { Quarantined } from './quarantined.ts';

/** What becomes of a record; nothing else can. */
export type Fate = { readonly kind: 'good' } | { readonly kind: 'duplicate' } | Quarantined;

/** Its row goes to its table. */
export const GOOD: Fate = { kind: 'good' };

/** The same record came before: same key, same values. */
export const DUPLICATE: Fate = { kind: 'duplicate' };

/** Counts lines by their fate. */
export class FateCounter {
  readonly #fates = { good: 0, duplicate: 0, quarantined: 0 };

  add(kind: Fate['kind']): void {
    this.#fates[kind] += 1;
  }

  counts(): LineCounts {
    const { good, duplicate, quarantined } = this.#fates;
    return { lines: good + duplicate + quarantined, good, duplicate, quarantined };
  }
}
