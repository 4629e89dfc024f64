import type { Mapping } from '../model/mapping.ts';
import { DefinitionError } from './definition-error.ts';
import { findNamedTable } from './table-handle.ts';
import type { NamedTable, TableHandle } from './table-handle.ts';

/** Which windows of a table a derived asset is made of, where that does not follow from the two windows. */
export interface Reading {
  readonly table: NamedTable;
  readonly mapping: Mapping;
}

/**
 * Reads neighbouring windows of a table that has the same windows: `around(trips, { offset: -1, count: 2 })` is the one
 * before and the own.
 */
export function around(
  table: TableHandle,
  { offset, count }: { readonly offset: number; readonly count: number },
): Reading {
  const named = findNamedTable(table);
  if (!named) throw new DefinitionError('around()', 'takes a table of a pipeline, or a derived asset.');
  return { table: named, mapping: { kind: 'around', offset, count } };
}
