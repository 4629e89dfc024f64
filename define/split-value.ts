import type { GenericSchema, InferOutput } from 'valibot';
import { contractEntries } from './contract-entries.ts';
import { DefinitionError } from './definition-error.ts';
import type { Table } from './table.ts';

/** The fields that every one of these tables' contracts has as a literal text: what `splitBy` can name. */
export type SplitField<Tables> = string &
  keyof {
    [Name in keyof Tables]: Tables[Name] extends Table<infer Contract, infer _>
      ? Record<LiteralField<InferOutput<Contract>>, true>
      : never;
  }[keyof Tables];

/** Fields whose type is one literal text. `string`, a branded text and a choice of several are none. */
type LiteralField<Value> = {
  [Name in keyof Value]: IsLiteral<Value[Name]> extends true ? Name : never;
}[keyof Value];

type IsLiteral<Value> = [Value] extends [string]
  ? {} extends Record<Value, true>
    ? false
    : IsUnion<Value> extends true
      ? false
      : true
  : false;

type IsUnion<Value, Whole = Value> = Value extends unknown ? ([Whole] extends [Value] ? false : true) : never;

/** The literal that a contract has for this field: records with this value there belong to its table. */
export function readSplitValue(where: string, contract: GenericSchema, splitBy: string): string {
  const entry = contractEntries(contract)?.entries[splitBy];
  const literal = entry && entry.type === 'literal' ? (entry as unknown as { literal: unknown }).literal : undefined;
  if (typeof literal !== 'string') {
    throw new DefinitionError(
      where,
      `splitBy names "${splitBy}", but the contract has no literal text there. Write ${splitBy}: v.literal('…').`,
    );
  }
  return literal;
}
