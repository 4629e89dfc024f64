import type { Tried } from './commands/try.ts';
import { formatTable } from './format-table.ts';

type PlainRow = Tried['tables'][string]['rows'][number];

const MAX_CELL_LENGTH = 60;

/** What a try came to, for a person: where the files belong, the counts, the first rows, and what was held back. */
export function writeTried({ pipeline, files, counts, tables, quarantine, reasons, newFields, nulled }: Tried): string {
  const placed = files.map(({ path, key, partition, note }) => [path, partition, note ?? `as ${key}`]);
  const { lines, good, duplicate, quarantined } = counts;
  const held = Object.values(reasons).reduce((sum, count) => sum + count, 0);
  return [
    formatTable([['file', 'partition', ''], ...placed]),
    `${pipeline}: ${lines} lines: ${good} good, ${duplicate} duplicate, ${quarantined} quarantined. Nothing was written.`,
    ...Object.entries(tables).map(([name, table]) => writeTable(name, table.counts.good, table.rows)),
    ...(held === 0 ? [] : [writeHeld(held, quarantine)]),
    ...writeFields('new field', newFields),
    ...writeFields('became null', nulled),
  ].join('\n\n');
}

function writeTable(name: string, count: number, rows: readonly PlainRow[]): string {
  const heading = `${name}: ${count} rows${rows.length < count ? `, the first ${rows.length}` : ''}`;
  const [first] = rows;
  if (!first) return heading;
  const columns = Object.keys(first);
  return `${heading}\n${formatTable([columns, ...rows.map((row) => columns.map((column) => writeCell(row[column])))])}`;
}

function writeFields(heading: string, fields: Tried['newFields']): readonly string[] {
  if (fields.length === 0) return [];
  return [
    formatTable([[heading, 'records'], ...fields.map(({ table, field, records }) => [`${table}.${field}`, records])]),
  ];
}

function writeHeld(count: number, rows: Tried['quarantine']): string {
  const heading = `quarantine: ${count}${rows.length < count ? `, the first ${rows.length}` : ''}`;
  if (rows.length === 0) return heading;
  const cells = rows.map(({ sourceKey, line, reason, detail }) => [sourceKey, line, reason, detail]);
  return `${heading}\n${formatTable([['file', 'line', 'reason', 'detail'], ...cells])}`;
}

/** A value as one cell of a table that fits a terminal. */
export function writeCell(value: PlainRow[string] | undefined): string | number | null {
  if (value === null || value === undefined || typeof value === 'number') return value ?? null;
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  return text.length > MAX_CELL_LENGTH ? `${text.slice(0, MAX_CELL_LENGTH - 1)}…` : text;
}
