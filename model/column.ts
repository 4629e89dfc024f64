/** An exact decimal: how many digits it has at most, and how many of them stand after the point. */
export type NumericType = `numeric(${number},${number})`;

/** What a column can hold. `record/column-type.ts` says for each how it is declared, encoded and written to Parquet. */
export type ColumnType =
  | 'text'
  | 'uuid'
  | 'boolean'
  | 'bigint'
  | 'double precision'
  | 'timestamptz'
  | 'jsonb'
  | NumericType;

/** The names by which a record's value is reached from its root: `['data', 'location', 'lat']`. */
export type FieldPath = readonly string[];

/** One value of a record with the type that its contract gives it. */
export interface FieldValue {
  readonly kind: 'field';
  readonly path: FieldPath;
  readonly type: ColumnType;
  readonly nullable: boolean;
  /** The path begins at the element that a child table's row is made of, and not at the record. */
  readonly ofElement?: true;
}

/** A UUID made of the first 32 hex digits of sha256 over the parts' texts, one after the other. */
export interface HashedUuidValue {
  readonly kind: 'hashed_uuid';
  readonly of: readonly FieldValue[];
}

/**
 * Where the record came from: its source object's key, or its line number there, counted from 1; in a child table the
 * element's number in its list too, counted from 1.
 */
export interface LineValue {
  readonly kind: 'line';
  readonly of: 'source_key' | 'number' | 'index';
}

/** A result of a derived asset's statement or function, which alone tells where it comes from: by column it is not known. */
export interface ComputedValue {
  readonly kind: 'computed';
}

/** How a column's value comes about, as data: lineage, encoding and documentation all read it. */
export type ColumnValue = FieldValue | HashedUuidValue | LineValue | ComputedValue;

/**
 * How a column's value tells of a person: it is what the person is known by (`person`), it tells who somebody is by
 * itself (`direct`), or together with others (`quasi`).
 */
export type Pii = 'person' | 'direct' | 'quasi';

export interface ColumnSpec {
  readonly name: string;
  readonly type: ColumnType;
  readonly nullable: boolean;
  readonly value: ColumnValue;
  /** The table of the same pipeline that must have a kept row of this id; null refers to none. */
  readonly references?: string;
  /** Kept for the rules over the whole set: the public view of the table does not show it. */
  readonly hidden?: true;
  /** Left out where the value tells nothing of a person. An erasure changes it where it is there. */
  readonly pii?: Pii;
}
