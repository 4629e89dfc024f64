import { MAX_COUNTED_FIELDS } from '../model/field-drift.ts';

/** How many records of a table have a field. */
export interface CountedField {
  readonly table: string;
  readonly field: string;
  readonly records: number;
}

/** So many different fields are counted at once. Where ids are used as names there can be any number of them. */
const MAX_TRACKED = 1_000;
/** Of one record no more are counted, or one that is full of ids would cost many times its parse. */
const MAX_OF_RECORD = 100;
const MAX_NAME_LENGTH = 100;

/** Counts records by field. Once there are too many fields the rarer half is forgotten, so that the frequent ones stay. */
export class FieldCounter {
  readonly #table: string;
  #records = new Map<string, number>();

  constructor(table: string) {
    this.#table = table;
  }

  /** One record's fields, each named once. */
  add(fields: readonly string[]): void {
    for (const field of fields.slice(0, MAX_OF_RECORD)) {
      const name = field.slice(0, MAX_NAME_LENGTH);
      this.#records.set(name, (this.#records.get(name) ?? 0) + 1);
    }
    if (this.#records.size > MAX_TRACKED) this.#records = new Map(this.#sorted().slice(0, MAX_TRACKED / 2));
  }

  counts(): readonly CountedField[] {
    return this.#sorted().map(([field, records]) => ({ table: this.#table, field, records }));
  }

  #sorted(): readonly (readonly [string, number])[] {
    return [...this.#records].sort(([a, recordsOfA], [b, recordsOfB]) => recordsOfB - recordsOfA || (a < b ? -1 : 1));
  }
}

/** The most frequent fields of all tables, the most frequent first. */
export function topFields(counters: readonly FieldCounter[]): readonly CountedField[] {
  return counters
    .flatMap((counter) => counter.counts())
    .sort((one, other) => other.records - one.records)
    .slice(0, MAX_COUNTED_FIELDS);
}
