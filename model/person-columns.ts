import type { ColumnSpec } from './column.ts';
import { isPersonColumn } from './pii-fields.ts';
import type { TableSpec } from './pipeline-spec.ts';

/** The columns of a table's rows in which persons are looked for. */
export interface PersonColumns {
  /** They hold what persons are known by. */
  readonly person: readonly ColumnSpec[];
  /** All other texts: any of them may hold an e-mail. */
  readonly texts: readonly ColumnSpec[];
}

/** Where a table of a pipeline may tell of a person. */
export function personColumns({ columns }: TableSpec, tables: readonly TableSpec[]): PersonColumns {
  return choose(columns, (column) => isPersonColumn(column, tables));
}

/**
 * Where a table that is computed of others may: what a column is computed from is not known, so one that is called as
 * one of a pipeline that holds what persons are known by is taken for it.
 */
export function derivedPersonColumns({ columns }: TableSpec, tables: readonly TableSpec[]): PersonColumns {
  const names = new Set(tables.flatMap((table) => personColumns(table, tables).person.map(({ name }) => name)));
  return choose(columns, ({ name }) => names.has(name));
}

function choose(columns: readonly ColumnSpec[], isPerson: (column: ColumnSpec) => boolean): PersonColumns {
  const person = columns.filter((column) => (isText(column) || column.type === 'uuid') && isPerson(column));
  // A file's name, which nobody changes, is no text of a record.
  const isOther = (column: ColumnSpec): boolean => isText(column) && column.value.kind !== 'line';
  return { person, texts: columns.filter((column) => !person.includes(column) && isOther(column)) };
}

function isText({ type }: ColumnSpec): boolean {
  return type === 'text' || type === 'jsonb';
}
