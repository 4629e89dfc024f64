import type { FileColumnType, FilesQuery } from '../model/file-format.ts';
import { DefinitionError } from './definition-error.ts';
import { isFilesPart, readParts } from './sql.ts';
import type { Statement } from './sql.ts';

/** A statement that makes records of whole files, and what it takes them to have. */
export interface ParquetQuery {
  /**
   * The columns that the statement reads, found in each file by name, in capitals or not: `{ fare_amount: 'number' }`. A
   * file that lacks one, or has another kind of value there, is rejected; integers and decimals are numbers like others.
   */
  readonly columns: Readonly<Record<string, FileColumnType>>;
  /** Of these columns the one whose time must lie in the window; rows with another, or none, are left out and counted. */
  readonly time?: string;
  /** In DuckDB's SQL: reads `${files}` and gives the records, in an order that it says itself. */
  readonly records: Statement;
}

const TYPES: ReadonlySet<unknown> = new Set<FileColumnType>(['timestamp', 'number', 'text', 'boolean']);

/** Reads `parquet({ columns, time, records })` as data. */
export function readFilesQuery({ columns, time, records }: ParquetQuery): FilesQuery {
  const where = 'parquet()';
  const named = Object.entries(columns).map(([name, type]) => ({ name, type }));
  const wrong = named.find(({ type }) => !TYPES.has(type));
  if (wrong) {
    throw new DefinitionError(
      where,
      `column "${wrong.name}" is of no type. There are ${[...TYPES].map((each) => `'${String(each)}'`).join(', ')}.`,
    );
  }
  const same = named.find(({ name }, index) => named.slice(0, index).some((other) => isSameName(other.name, name)));
  if (same) throw new DefinitionError(where, `column "${same.name}" is named twice. Leave one of them.`);
  if (time !== undefined && columns[time] !== 'timestamp') {
    throw new DefinitionError(where, `its time, "${time}", is none of its columns of 'timestamp'. Add it there.`);
  }
  const parts = readParts<{ readonly kind: 'files' }>(where, records, (value) => {
    if (isFilesPart(value)) return { kind: 'files' };
    throw new DefinitionError(
      where,
      'the statement of its records holds something else than ${files}. Rows of other windows are left out by `time`.',
    );
  });
  if (!parts.some(({ kind }) => kind === 'files')) {
    throw new DefinitionError(where, 'the statement of its records reads no file. Put them in: from ${files}.');
  }
  const statement = parts.map((part) => (part.kind === 'text' ? part.text : 'files')).join('');
  return { columns: named, ...(time === undefined ? {} : { time }), statement };
}

function isSameName(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
