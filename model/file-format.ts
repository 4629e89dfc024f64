import type { SourceSpec } from './pipeline-spec.ts';

/** How records stand in a source's files. Whatever it is, the merged object holds them as lines of JSON. */
export type FileFormat = JsonLinesFormat | JsonDocumentFormat | CsvFormat | ParquetFormat;

/** One JSON object a line, or one JSON array of them. */
export interface JsonLinesFormat {
  readonly kind: 'jsonLines';
}

/** One JSON value a file. */
export interface JsonDocumentFormat {
  readonly kind: 'jsonDocument';
  /** The names on the way to the array whose elements are the records; undefined where the document is one record. */
  readonly records: readonly string[] | undefined;
}

/** Rows of text below a header that names their cells. */
export interface CsvFormat {
  readonly kind: 'csv';
  /** One character. A file whose first line is `sep=…` says its own. */
  readonly separator: string;
}

export interface ParquetFormat {
  readonly kind: 'parquet';
  /** Makes the records of a window from all of its files; without it, each row of a file is a record. */
  readonly query?: FilesQuery;
}

/** What a column of a file may hold; which of its own types it has there may differ from file to file. */
export type FileColumnType = 'timestamp' | 'number' | 'text' | 'boolean';

export interface FileColumn {
  readonly name: string;
  readonly type: FileColumnType;
}

/** A statement over the rows of a window's files, and what it takes these files to have. */
export interface FilesQuery {
  readonly columns: readonly FileColumn[];
  /** The column whose time says whether a row is the window's; undefined where all rows are. */
  readonly time?: string;
  /** Reads the window's rows by the name `files`. Each row that it gives is a record. */
  readonly statement: string;
}

/** What a source's files hold unless it says otherwise. */
export const JSON_LINES: JsonLinesFormat = { kind: 'jsonLines' };

/** The statement that makes the records of a source; undefined where they stand in its files. */
export function queryOf(source: SourceSpec): FilesQuery | undefined {
  const format = formatOf(source);
  return format.kind === 'parquet' ? format.query : undefined;
}

/** The format of a source's files; what a function yields comes as lines of JSON too. */
export function formatOf(source: SourceSpec): FileFormat {
  return source.kind === 'code' ? JSON_LINES : (source.format ?? JSON_LINES);
}
