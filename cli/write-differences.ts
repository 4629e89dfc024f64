import type { ComparedTable, TableDifference } from '../warehouse/compare-table.ts';
import { formatTable } from './format-table.ts';

/** Tables that differ from their definitions, for programs. */
export interface DifferingTable {
  readonly table: string;
  readonly differences: readonly TableDifference[];
}

/** Those that are alike are left out. */
export function describeDifferences(compared: readonly ComparedTable[]): readonly DifferingTable[] {
  return compared
    .filter(({ differences }) => differences.length > 0)
    .map(({ table: { schema, name }, differences }) => ({ table: `${schema}.${name}`, differences }));
}

const ACTIONS: Readonly<Record<'todo' | 'done', Readonly<Record<TableDifference['kind'], string>>>> = {
  todo: {
    create: 'created when a worker starts',
    add: 'added when a worker starts',
    loosen: 'allowed when a worker starts',
    keep: 'left as it is',
    refuse: 'refused',
  },
  done: { create: 'created', add: 'added', loosen: 'allowed', keep: 'left as it is', refuse: 'refused' },
};

/** The same for people: one line for each difference, and what becomes of it. */
export function writeDifferences(compared: readonly ComparedTable[], when: keyof typeof ACTIONS): string {
  const rows = describeDifferences(compared).flatMap(({ table, differences }) =>
    differences.map(({ kind, what }) => [table, what, ACTIONS[when][kind]]),
  );
  if (rows.length === 0) return 'The tables are as they are declared.';
  return formatTable([['table', 'difference', 'what becomes of it'], ...rows]);
}
