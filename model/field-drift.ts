/** A field that records of a table have and its contract does not know. Each window keeps the most frequent ones. */
export interface FieldDrift {
  readonly table: string;
  /** Its names from the record on: `purchases.products[].colour`. */
  readonly field: string;
  /** How many records of the window have it. */
  readonly records: number;
}

/** A field whose value did not fit in so many records, and became null as its contract says (`orNull`). */
export interface NulledField {
  readonly table: string;
  readonly field: string;
  readonly records: number;
}

/** More fields than these of one window help nobody, and must not make a payload large. */
export const MAX_COUNTED_FIELDS = 50;
