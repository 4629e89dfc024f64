import type { ColumnType, ColumnValue, FieldValue, Pii } from '../model/column.ts';
import type { Uuid } from '../record/contract-types.ts';
import { DefinitionError } from './definition-error.ts';

declare const scalar: unique symbol;
declare const nullable: unique symbol;

/** What one value of a record can be: the only things that a column can hold. */
export type Scalar = string | number | boolean;

/**
 * The value of a column, not yet known: where it comes from and of what type it will be. `Nullable` says whether the
 * contract lets it be absent.
 */
export interface Column<Value extends Scalar = Scalar, Nullable extends boolean = boolean> {
  readonly [scalar]?: Value;
  readonly [nullable]?: Nullable;
  readonly [columnMark]: ColumnParts;
}

/** A value of the record itself. */
export interface Field<Value extends Scalar = Scalar, Nullable extends boolean = boolean> extends Column<
  Value,
  Nullable
> {
  readonly [fieldMark]: true;
}

interface ColumnParts {
  readonly type: ColumnType;
  readonly nullable: boolean;
  readonly isKey: boolean;
  readonly value: ColumnValue;
  /** The key is unique over all windows. */
  readonly overAllHours?: true;
  /** The table that must have a kept row of this id, as `tableIdentity` knows it. */
  readonly target?: object;
  /** What it tells of a person. */
  readonly pii?: Pii;
}

declare const setKey: unique symbol;

/** A key that is unique over all windows: other tables can refer to it. */
export interface SetKey<Value extends Scalar = Scalar> extends Column<Value, false> {
  readonly [setKey]?: Value;
}

/** What the ids of a column are that is such a key: `never` where it is none. */
export type SetKeyValue<OfColumn> = typeof setKey extends keyof OfColumn
  ? OfColumn extends SetKey<infer Value>
    ? Value
    : never
  : never;

const columnMark = Symbol.for('hourloom.column');
const fieldMark = Symbol.for('hourloom.field');

/** Where a record came from. */
export interface Line {
  /** The key of the source object that holds it. */
  readonly sourceKey: Column<string, false>;
  /** Its number there, counted from 1. */
  readonly number: Column<number, false>;
}

/** The record's position, for columns that tell it. */
export const line: Line = {
  sourceKey: makeColumn({ type: 'text', nullable: false, isKey: false, value: { kind: 'line', of: 'source_key' } }),
  number: makeColumn({ type: 'bigint', nullable: false, isKey: false, value: { kind: 'line', of: 'number' } }),
};

/** Where a child table's row came from. */
export interface ItemLine extends Line {
  /** The element's number in its list, counted from 1. */
  readonly index: Column<number, false>;
}

/** The element's position, for columns of child tables. */
export const itemLine: ItemLine = {
  ...line,
  index: makeColumn({ type: 'bigint', nullable: false, isKey: false, value: { kind: 'line', of: 'index' } }),
};

/**
 * Tells rows of one partition apart. A record whose key came before is a duplicate; a key can be of several columns.
 *
 * `key(id, 'all hours')` is unique over all windows: of several rows with one id only that of the earliest window (and
 * there of the first file and line) is kept, whatever the order in which they come. The others are held back.
 */
export function key<Value extends Scalar>(column: Column<Value, false>): Column<Value, false>;
export function key<Value extends Scalar>(column: Column<Value, false>, over: 'all hours'): SetKey<Value>;
export function key<Value extends Scalar>(column: Column<Value, false>, over?: 'all hours'): Column<Value, false> {
  const parts = readColumn('key()', column);
  if (parts.nullable)
    throw new DefinitionError('key()', `${describeColumn(parts)} can be null. Make it required in the contract.`);
  if (over !== undefined && over !== 'all hours') {
    throw new DefinitionError(
      'key()',
      `"${String(over)}" says nothing. There is 'all hours', or nothing for each window.`,
    );
  }
  return makeColumn({ ...parts, isKey: true, ...(over ? { overAllHours: true } : {}) });
}

/** The same column as one whose values must be ids of kept rows of a table; `target` is the table's identity. */
export function withTarget<Value extends Scalar, Nullable extends boolean>(
  where: string,
  column: Column<Value, Nullable>,
  target: object,
): Column<Value, Nullable> {
  return makeColumn({ ...readColumn(where, column), target });
}

/** The same column as one whose value tells of a person. Throws where an erasure could put nothing in its place. */
export function withPii<Value extends Scalar, Nullable extends boolean>(
  where: string,
  column: Column<Value, Nullable>,
  pii: Pii,
): Column<Value, Nullable> {
  const parts = readColumn(where, column);
  if (parts.value.kind !== 'field') throw new DefinitionError(where, 'takes a field of the record only.');
  if (parts.type !== 'text' && parts.type !== 'uuid') {
    throw new DefinitionError(
      where,
      `${describeColumn(parts)} is ${parts.type}. Only texts and UUIDs have something to be put in their place: read it as one of them.`,
    );
  }
  return makeColumn({ ...parts, pii });
}

/**
 * A UUID that the same values always give: the first 32 hex digits of sha256 over their texts, one after the other.
 * Timestamps are printed as `YYYY-MM-DD HH:MM:SS.ffffff`, without the fraction where it is zero.
 */
export function hashedUuid(...fields: readonly [Field<Scalar, false>, ...Field<Scalar, false>[]]): Column<Uuid, false> {
  const where = 'hashedUuid()';
  const of = fields.map((field): FieldValue => {
    const parts = readColumn(where, field);
    if (parts.value.kind !== 'field') throw new DefinitionError(where, 'takes fields of the record only.');
    if (parts.nullable)
      throw new DefinitionError(where, `${describeColumn(parts)} can be null. Make it required in the contract.`);
    return parts.value;
  });
  if (of.length === 0) throw new DefinitionError(where, 'is given nothing. Name the fields that tell records apart.');
  return makeColumn({ type: 'uuid', nullable: false, isKey: false, value: { kind: 'hashed_uuid', of } });
}

/** A field of the record as a column's value. */
export function makeField(value: FieldValue): Field {
  const parts: ColumnParts = { type: value.type, nullable: value.nullable, isKey: false, value };
  return { [columnMark]: parts, [fieldMark]: true };
}

/** What a value in a definition says of its column; undefined where it is no column. */
export function findColumn(value: unknown): ColumnParts | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  return (value as Partial<Column>)[columnMark];
}

function readColumn(where: string, column: Column): ColumnParts {
  const parts = findColumn(column);
  if (!parts) throw new DefinitionError(where, 'takes a single value of the record. Name one of its fields.');
  return parts;
}

function describeColumn({ value }: ColumnParts): string {
  return value.kind === 'field' ? `"${value.path.join('.')}"` : 'the value';
}

function makeColumn<Value extends Scalar, Nullable extends boolean>(parts: ColumnParts): Column<Value, Nullable> {
  return { [columnMark]: parts };
}
