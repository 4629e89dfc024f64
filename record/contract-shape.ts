import type { SchemaParts } from './contract-types.ts';
import { isOrNull } from './or-null.ts';

/** What a contract names, and nothing of what it asks for: where its objects and lists stand. */
export interface ContractShape {
  /** The fields of an object; undefined where it is none, or one that welcomes all others. */
  readonly fields: ReadonlyMap<string, ContractShape> | undefined;
  /** What a list's elements are. */
  readonly item: ContractShape | undefined;
  /** A misfit here becomes null. */
  readonly orNull: boolean;
  /** There is such a place here or below. */
  readonly holdsOrNull: boolean;
}

/** Only these say that all other fields are none of theirs. */
const CLOSED_OBJECTS = new Set(['object', 'strict_object']);

/** Reads the shape of a contract. Of a union or a record nothing is known, so whatever they hold is no new field. */
export function readShape(schema: SchemaParts): ContractShape {
  let inner = schema;
  let orNull = isOrNull(inner);
  while (inner.wrapped) {
    inner = inner.wrapped;
    orNull ||= isOrNull(inner);
  }
  const fields =
    CLOSED_OBJECTS.has(inner.type) && inner.entries
      ? new Map(Object.entries(inner.entries).map(([name, entry]) => [name, readShape(entry)] as const))
      : undefined;
  const item = inner.type === 'array' && inner.item ? readShape(inner.item) : undefined;
  const below = [...(fields?.values() ?? []), ...(item ? [item] : [])];
  return { fields, item, orNull, holdsOrNull: orNull || below.some(({ holdsOrNull }) => holdsOrNull) };
}
