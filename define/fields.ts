import type { GenericSchema } from 'valibot';
import type { FieldPath } from '../model/column.ts';
import { columnTypeOf } from '../record/contract-types.ts';
import { contractEntries, listItem } from './contract-entries.ts';
import { makeField } from './column.ts';
import type { Field, Scalar } from './column.ts';
import { DefinitionError } from './definition-error.ts';

/**
 * A record as its contract promises it, each value a field; what lies under an optional object may be null. Lists are
 * there, but have nothing that a column could take.
 */
export type Fields<Value, Nullable extends boolean = false> = [NonNullable<Value>] extends [Scalar]
  ? Field<NonNullable<Value>, OrAbsent<Value, Nullable>>
  : [NonNullable<Value>] extends [readonly unknown[]]
    ? unknown
    : { readonly [Name in keyof NonNullable<Value>]-?: Fields<NonNullable<Value>[Name], OrAbsent<Value, Nullable>> };

type OrAbsent<Value, Nullable extends boolean> = null extends Value ? true : undefined extends Value ? true : Nullable;

declare const element: unique symbol;
declare const object: unique symbol;

/** A list of a record, of which `each` makes rows. */
export interface ListOf<Element> {
  readonly [element]: Element;
}

/** An object of a record, of which `part` makes a row. */
export interface ObjectOf<Value> {
  readonly [object]: Value;
}

/** A record as `each` and `part` see it: they pick one of its lists, or one of its objects. */
export type Places<Value> = [NonNullable<Value>] extends [Scalar]
  ? Field<NonNullable<Value>>
  : [NonNullable<Value>] extends [readonly (infer Element)[]]
    ? ListOf<Element>
    : ObjectOf<NonNullable<Value>> & {
        readonly [Name in keyof NonNullable<Value>]-?: Places<NonNullable<Value>[Name]>;
      };

/** Where a list or object stands in a record, and what its elements or itself are. */
export interface Place {
  readonly kind: 'list' | 'object';
  readonly path: FieldPath;
  readonly schema: GenericSchema;
}

const placeMark = Symbol.for('hourloom.place');

/** What a walked contract says of the list or object that was picked of it; undefined where it is none. */
export function findPlace(value: unknown): Place | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  return (value as { readonly [placeMark]?: Place })[placeMark];
}

/**
 * Walks a contract once and gives what a columns function sees in place of a record. A name that the contract lacks
 * throws, so that a definition in plain JavaScript is as safe as one that was type-checked.
 */
export function walkContract(where: string, contract: GenericSchema): unknown {
  if (!contractEntries(contract))
    throw new DefinitionError(where, 'the contract is no object. Write it as v.object({ … }).');
  return walk({ where }, contract, [], false);
}

/** What a columns function of a child table sees in place of a list's element. */
export function walkElement(where: string, { path, schema }: Place): unknown {
  return walk({ where, list: path }, schema, [], false);
}

/** What a columns function of a child table sees in place of an object, which is there in each record that has a row. */
export function walkPart(where: string, { path, schema }: Place): unknown {
  return walkObject({ where }, schema, path, contractEntries(schema)?.entries ?? {}, false);
}

/** What a walk is said to be of in errors, and where the list stands whose element it walks. */
interface Walk {
  readonly where: string;
  readonly list?: FieldPath;
}

function walk(of: Walk, schema: GenericSchema, path: FieldPath, parentNullable: boolean): unknown {
  const object = contractEntries(schema);
  if (object) return walkObject(of, schema, path, object.entries, parentNullable || object.nullable);
  const item = listItem(schema);
  if (item) return refuseOtherNames(of, path, {}, { kind: 'list', path, schema: item });
  const leaf = columnTypeOf(schema);
  // What no column can hold may still be part of a contract; it is refused only where a column asks for it.
  if (!leaf) return refuseOtherNames(of, path, {});
  const value = { kind: 'field', path, type: leaf.type, nullable: parentNullable || leaf.nullable } as const;
  return makeField(of.list ? { ...value, ofElement: true } : value);
}

function walkObject(
  of: Walk,
  schema: GenericSchema,
  path: FieldPath,
  entries: Readonly<Record<string, GenericSchema>>,
  nullable: boolean,
): object {
  const fields = Object.entries(entries).map(
    ([name, entry]) => [name, walk(of, entry, [...path, name], nullable)] as const,
  );
  return refuseOtherNames(of, path, Object.fromEntries(fields), { kind: 'object', path, schema });
}

function refuseOtherNames(
  { where, list }: Walk,
  path: FieldPath,
  fields: Readonly<Record<string, unknown>>,
  place?: Place,
): object {
  // Not enumerable, so that what is spread into columns has fields alone. An element's parts make no rows of their own.
  if (place && !list) Object.defineProperty(fields, placeMark, { value: place });
  return new Proxy(fields, {
    get(target, name) {
      if (typeof name === 'symbol' || Object.hasOwn(target, name)) return Reflect.get(target, name);
      const parent = nameParent(path, list);
      const names = Object.keys(target);
      const there = names.length === 0 ? 'no column can be made of what it holds' : `it has ${names.join(', ')}`;
      throw new DefinitionError(where, `${parent} has no field "${name}"; ${there}.`);
    },
  });
}

function nameParent(path: FieldPath, list: FieldPath | undefined): string {
  const from = list ? `${list.join('.')}[]` : '';
  const names = [...(from === '' ? [] : [from]), ...path];
  return names.length === 0 ? 'the contract' : `"${names.join('.')}"`;
}
