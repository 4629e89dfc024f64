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
}

/** What a source's files hold unless it says otherwise. */
export const JSON_LINES: JsonLinesFormat = { kind: 'jsonLines' };

/** The format of a source's files; what a function yields comes as lines of JSON too. */
export function formatOf(source: SourceSpec): FileFormat {
  return source.kind === 'code' ? JSON_LINES : (source.format ?? JSON_LINES);
}
