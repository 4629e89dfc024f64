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

/** Where a table may tell of a person. A file's name, which nobody changes, is no text of a record. */
export function personColumns({ columns }: TableSpec, tables: readonly TableSpec[]): PersonColumns {
  const person = columns.filter((column) => isPersonColumn(column, tables));
  const texts = columns.filter((column) => !person.includes(column) && isText(column) && column.value.kind !== 'line');
  return { person, texts };
}

function isText({ type }: ColumnSpec): boolean {
  return type === 'text' || type === 'jsonb';
}
