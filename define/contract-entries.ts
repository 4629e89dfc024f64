import type { GenericSchema } from 'valibot';

/** An object in a contract: its fields, and whether it may be absent as a whole. */
export interface ContractObject {
  readonly entries: Readonly<Record<string, GenericSchema>>;
  readonly nullable: boolean;
}

const WRAPPERS = new Set(['optional', 'nullable', 'nullish', 'exact_optional', 'undefinedable']);

/** The fields of a schema that is an object, however it is wrapped; undefined where it is none. */
export function contractEntries(schema: GenericSchema): ContractObject | undefined {
  const { inner, nullable } = unwrap(schema);
  if (!('entries' in inner)) return undefined;
  return { entries: inner.entries as Readonly<Record<string, GenericSchema>>, nullable };
}

/** What the elements of a schema are that is a list, however it is wrapped; undefined where it is none. */
export function listItem(schema: GenericSchema): GenericSchema | undefined {
  const { inner } = unwrap(schema);
  return inner.type === 'array' && 'item' in inner ? (inner.item as GenericSchema) : undefined;
}

function unwrap(schema: GenericSchema): { readonly inner: GenericSchema; readonly nullable: boolean } {
  let nullable = false;
  let inner: GenericSchema = schema;
  while (WRAPPERS.has(inner.type) && 'wrapped' in inner) {
    // With a default something always stands there, so that what was inside decides.
    nullable ||= !('default' in inner) || inner.default === undefined || inner.default === null;
    inner = inner.wrapped as GenericSchema;
  }
  return { inner, nullable };
}
