import { withPii } from './column.ts';
import type { Column } from './column.ts';

/**
 * What a person is known by in this system: an erasure is asked for by it, and puts `erased_…` in its place wherever it
 * stands. All records with it are the person's, with all of their child tables.
 *
 *     id: person(key(id, 'all hours'))
 */
export function person<Marked extends Column>(column: Marked): Marked {
  return withPii('person()', column, 'person') as Marked;
}

/** A value that tells who somebody is by itself: a name, an e-mail, a phone number. An erasure puts another in its place. */
export function direct<Marked extends Column>(column: Marked): Marked {
  return withPii('direct()', column, 'direct') as Marked;
}

/** A value that tells who somebody is together with others: a postcode, a birthday. An erasure puts another in its place. */
export function quasi<Marked extends Column>(column: Marked): Marked {
  return withPii('quasi()', column, 'quasi') as Marked;
}
