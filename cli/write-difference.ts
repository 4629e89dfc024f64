import type { RowChange, TableDifference } from '../warehouse/compare-scratch.ts';
import type { ComparedWindow } from './compare-window.ts';
import { formatTable } from './format-table.ts';

/** How a window would change, for a person: counts by table, the first rows that differ, and what is held back. */
export function writeDifference(compared: ComparedWindow): string {
  const { pipeline, partition, from, counts, tables, heldBefore, heldAfter } = compared;
  const { lines, good, duplicate, quarantined } = counts;
  const reasons = [...new Set([...Object.keys(heldBefore), ...Object.keys(heldAfter)])].sort();
  const held = reasons
    .map((reason) => [reason, heldBefore[reason] ?? 0, heldAfter[reason] ?? 0] as const)
    .filter(([, before, after]) => before !== after);
  return [
    `${pipeline} ${partition}, from its ${from}: ${lines} lines: ${good} good, ${duplicate} duplicate, ${quarantined} quarantined. Nothing was published.`,
    formatTable([
      ['table', 'same', 'added', 'removed', 'changed'],
      ...tables.map(({ table, same, added, removed, changed }) => [table, same, added, removed, changed]),
    ]),
    ...tables.flatMap(writeTable),
    ...(held.length === 0 ? [] : [formatTable([['quarantine', 'before', 'now'], ...held])]),
  ].join('\n\n');
}

function writeTable({ table, newColumns, lostColumns, examples }: TableDifference): readonly string[] {
  const lines = [
    ...(newColumns.length === 0 ? [] : [`  new columns: ${newColumns.join(', ')}`]),
    ...(lostColumns.length === 0 ? [] : [`  no more: ${lostColumns.join(', ')}`]),
    ...examples.map(writeChange),
  ];
  return lines.length === 0 ? [] : [`${table}\n${lines.join('\n')}`];
}

function writeChange({ before, after }: RowChange): string {
  if (!before) return `  + ${JSON.stringify(after)}`;
  if (!after) return `  - ${JSON.stringify(before)}`;
  const now = after as Readonly<Record<string, unknown>>;
  const was = before as Readonly<Record<string, unknown>>;
  const names = Object.keys(was).filter((name) => JSON.stringify(was[name]) !== JSON.stringify(now[name]));
  const changes = names.map((name) => `${name}: ${JSON.stringify(was[name])} -> ${JSON.stringify(now[name])}`);
  return `  ~ ${changes.join(', ')}  in ${JSON.stringify(before)}`;
}
