import type { GenericSchema } from 'valibot';
import type { FieldPath } from '../model/column.ts';
import { columnTypeOf } from '../record/contract-types.ts';
import { contractEntries } from './contract-entries.ts';
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

/**
 * Walks a contract once and gives what a columns function sees in place of a record. A name that the contract lacks
 * throws, so that a definition in plain JavaScript is as safe as one that was type-checked.
 */
export function walkContract(where: string, contract: GenericSchema): unknown {
  if (!contractEntries(contract))
    throw new DefinitionError(where, 'the contract is no object. Write it as v.object({ … }).');
  return walk(where, contract, [], false);
}

function walk(where: string, schema: GenericSchema, path: FieldPath, parentNullable: boolean): unknown {
  const object = contractEntries(schema);
  if (object) {
    const nullable = parentNullable || object.nullable;
    const fields = Object.entries(object.entries).map(
      ([name, entry]) => [name, walk(where, entry, [...path, name], nullable)] as const,
    );
    return refuseOtherNames(where, path, Object.fromEntries(fields));
  }
  const leaf = columnTypeOf(schema);
  // What no column can hold may still be part of a contract; it is refused only where a column asks for it.
  if (!leaf) return refuseOtherNames(where, path, {});
  return makeField({ kind: 'field', path, type: leaf.type, nullable: parentNullable || leaf.nullable });
}

function refuseOtherNames(where: string, path: FieldPath, fields: Readonly<Record<string, unknown>>): object {
  return new Proxy(fields, {
    get(target, name) {
      if (typeof name === 'symbol' || Object.hasOwn(target, name)) return Reflect.get(target, name);
      const parent = path.length === 0 ? 'the contract' : `"${path.join('.')}"`;
      const names = Object.keys(target);
      const there = names.length === 0 ? 'no column can be made of what it holds' : `it has ${names.join(', ')}`;
      throw new DefinitionError(where, `${parent} has no field "${name}"; ${there}.`);
    },
  });
}
