import type { FieldPath } from '../model/column.ts';
import type { TableSpec } from '../model/pipeline-spec.ts';
import { keyedDigest, keyIdentifier } from './erasure-key.ts';
import type { ErasureKey, IdentifierKind } from './erasure-key.ts';
import { isEmail, isPseudonym } from './pseudonym.ts';
import { readValue } from './read-value.ts';

/** What a person is known by, as somebody wrote it. */
export interface NamedBy {
  readonly kind: IdentifierKind;
  readonly value: string;
}

/** The columns of a table that asks for erasures by which it names persons. */
export function namingColumns({ columns }: Pick<TableSpec, 'columns'>): readonly {
  readonly name: string;
  readonly path: FieldPath;
  readonly kind: IdentifierKind;
}[] {
  return columns.flatMap(({ name, pii, value }) => {
    if (value.kind !== 'field' || (pii !== 'person' && pii !== 'direct')) return [];
    return [{ name, path: value.path, kind: pii === 'person' ? ('id' as const) : ('email' as const) }];
  });
}

/** What a value names a person by; undefined where it names nobody: it is empty, or stands where an e-mail should and is none. */
export function readNamed(kind: IdentifierKind, value: unknown): NamedBy | undefined {
  if (typeof value !== 'string' || value.trim() === '') return undefined;
  return kind === 'email' && !isEmail(value) ? undefined : { kind, value };
}

/** Makes the question whether a record that asks for an erasure names anybody. */
export function compileNamesAnybody(table: TableSpec): (record: unknown) => boolean {
  const columns = namingColumns(table);
  return (record) => columns.some(({ path, kind }) => readNamed(kind, readValue(record, path)) !== undefined);
}

/** What of these is still the person's own: who is erased already is asked for no more. */
export function withoutErased(named: readonly NamedBy[], keys: readonly ErasureKey[]): readonly NamedBy[] {
  return named.filter(({ value }) => !isPseudonym(keys, value));
}

/**
 * The id of a request: the same for the same person, asked for in the same way on the same day, however often the request
 * is read. Nobody without the key can tell whose it is.
 */
export function requestId(key: ErasureKey, on: string, person: readonly NamedBy[]): string {
  const digests = person.map(({ kind, value }) => `${kind} ${keyIdentifier(key, kind, value).hmac}`);
  const hex = keyedDigest(key, 'erasure request', [on, ...new Set(digests.sort())].join('\n'));
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
