import type { SqlPart } from '../model/derived-spec.ts';
import { DefinitionError } from './definition-error.ts';
import { findNamedTable } from './table-handle.ts';
import type { NamedTable, TableHandle } from './table-handle.ts';

const statementMark = Symbol.for('hourloom.statement');
const windowMark = Symbol.for('hourloom.window');
const rowsMark = Symbol.for('hourloom.rows');
const tableMark = Symbol.for('hourloom.table_part');
const filesMark = Symbol.for('hourloom.files');

/** Stands for the partition's window in a statement. */
export interface WindowPart {
  readonly [windowMark]: true;
}

/** Stands for the rows that a check is about. */
export interface RowsPart {
  readonly [rowsMark]: true;
}

/** Stands for what the partitions within the window have of a table. */
export interface TablePart {
  readonly [tableMark]: { readonly kind: TablePartKind; readonly table: NamedTable };
}

type TablePartKind = 'in_window' | 'held_back' | 'makings';

/** Stands for the rows of a window's files. */
export interface FilesPart {
  readonly [filesMark]: true;
}

/** A statement as it was written. */
export interface Statement {
  readonly [statementMark]: { readonly texts: readonly string[]; readonly values: readonly unknown[] };
}

/** The partition's window in a statement, as a `tstzrange` without its end: `where at <@ ${window}`. */
export const window: WindowPart = { [windowMark]: true };

/**
 * The rows of a table in the partitions that start within the window: for tables that tell no time of their own.
 *
 *     sql`select count(*) as customers from ${inWindow(retail.customers)} as customer`
 */
export function inWindow(table: TableHandle): TablePart {
  return makeTablePart('in_window', table);
}

/**
 * What these partitions hold back of a table, for whichever rule: `partition`, `source_key`, `line`, `reason`, `detail`
 * and `excerpt` of each record.
 */
export function heldBack(table: TableHandle): TablePart {
  return makeTablePart('held_back', table);
}

/**
 * What the ledger says of these partitions of a table: of each that is made `partition`, `rows` and `published_at`. It is no
 * clock: what is computed of it changes when a partition is made again, and is computed again then.
 */
export function makings(table: TableHandle): TablePart {
  return makeTablePart('makings', table);
}

function makeTablePart(kind: TablePartKind, handle: TableHandle): TablePart {
  const table = findNamedTable(handle);
  if (!table) {
    const name = { in_window: 'inWindow()', held_back: 'heldBack()', makings: 'makings()' }[kind];
    throw new DefinitionError(name, 'takes a table of a pipeline, such as door2door.vehicle_location.');
  }
  return { [tableMark]: { kind, table } };
}

/** In the statement of a check, and there alone: the new rows of the partition, to be named like a table. */
export const rows: RowsPart = { [rowsMark]: true };

/** In the statement of `parquet({ records })`, and there alone: the rows of the window's files, to be named like a table. */
export const files: FilesPart = { [filesMark]: true };

/**
 * One statement that reads. Tables stand in it as values, so that what it reads is known; so does the window. A
 * backslash is a backslash, as in an SQL file.
 *
 *     sql`select vehicle_id, event_timestamp as at from ${door2door.vehicle_location} where event_timestamp <@ ${window}`
 */
export function sql(
  texts: TemplateStringsArray,
  ...values: readonly (TableHandle | WindowPart | RowsPart | TablePart | FilesPart)[]
): Statement {
  return { [statementMark]: { texts: texts.raw, values } };
}

/** A statement's parts, and the tables that it names, at least one, each once and sorted by asset. `where` is said in errors. */
export function readStatement(
  where: string,
  statement: Statement,
): { readonly parts: readonly SqlPart[]; readonly tables: readonly NamedTable[] } {
  const tables = new Map<string, NamedTable>();
  const parts = readParts<SqlPart>(where, statement, (value, text) => {
    if (isWindowPart(value)) return { kind: 'window' };
    const part = findTablePart(value);
    if (part) {
      const { asset, schema, name } = part.table;
      tables.set(asset, part.table);
      return part.kind === 'in_window' ? { kind: part.kind, asset, schema, name } : { kind: part.kind, asset };
    }
    const table = findNamedTable(value);
    if (!table) {
      throw new DefinitionError(
        where,
        `the statement holds something else than a table or \`window\` after "${lastWords(text)}". ` +
          'Put in a table of a pipeline, such as ${door2door.vehicle_location}, a derived asset, or ${window}.',
      );
    }
    tables.set(table.asset, table);
    return { kind: 'table', schema: table.schema, name: table.name };
  });
  if (tables.size === 0) {
    throw new DefinitionError(where, 'the statement reads no table. Put one in: from ${door2door.vehicle_location}.');
  }
  return { parts, tables: [...tables.values()].sort((a, b) => (a.asset < b.asset ? -1 : 1)) };
}

/** A statement's texts, and what `readValue` makes of each value, which is given the text before it. */
export function readParts<Part>(
  where: string,
  statement: Statement,
  readValue: (value: unknown, before: string) => Part,
): readonly (Part | { readonly kind: 'text'; readonly text: string })[] {
  const written = (statement as Partial<Statement> | null | undefined)?.[statementMark];
  if (!written) throw new DefinitionError(where, 'its `sql` is no statement. Write it as sql`select …`.');
  return written.texts.flatMap((text, index) => {
    const before = text === '' ? [] : [{ kind: 'text' as const, text }];
    return index === written.values.length ? before : [...before, readValue(written.values[index], text)];
  });
}

/** Whether a value in a statement is `window`. */
export function isWindowPart(value: unknown): boolean {
  return typeof value === 'object' && value !== null && windowMark in value;
}

/** Whether a value in a statement is `rows`. */
export function isRowsPart(value: unknown): boolean {
  return typeof value === 'object' && value !== null && rowsMark in value;
}

/** Whether a value in a statement is `files`. */
export function isFilesPart(value: unknown): boolean {
  return typeof value === 'object' && value !== null && filesMark in value;
}

function lastWords(text: string): string {
  return text.trim().split(/\s+/u).slice(-3).join(' ');
}

function findTablePart(value: unknown): TablePart[typeof tableMark] | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  return (value as Partial<TablePart>)[tableMark];
}
