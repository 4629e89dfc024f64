import { JSON_LINES } from '../model/file-format.ts';
import type {
  CsvFormat,
  FileFormat,
  JsonDocumentFormat,
  JsonLinesFormat,
  ParquetFormat,
} from '../model/file-format.ts';
import { DefinitionError } from './definition-error.ts';
import { readFilesQuery } from './files-query.ts';
import type { ParquetQuery } from './files-query.ts';

/** How records stand in the files of a source. */
export interface FormatOption {
  /** `jsonLines()` where it is not said; or `jsonDocument()`, `csv()`, `parquet()`. */
  readonly format?: FileFormat;
}

/** One JSON object a line, or one JSON array of them a file. */
export function jsonLines(): JsonLinesFormat {
  return JSON_LINES;
}

export interface JsonDocumentOptions {
  /** The names on the way to the list of records, with dots between: `'data.items'`. */
  readonly records?: string;
}

/**
 * One JSON document a file: the elements of the list that `records` names are the records, or those of the document
 * where it is itself a list; else the document is one record.
 */
export function jsonDocument({ records }: JsonDocumentOptions = {}): JsonDocumentFormat {
  const path = records?.split('.');
  if (path?.some((name) => name === '')) {
    throw new DefinitionError(
      'jsonDocument()',
      `records "${records}" is no path. Write the names on the way to the list, as in 'data.items'; leave it away where the document is the list.`,
    );
  }
  return { kind: 'jsonDocument', records: path };
}

const SEPARATORS = [',', ';', '\t', '|', ':', '^', '~'] as const;

export interface CsvOptions {
  /** What stands between two cells; a comma where it is not said. */
  readonly separator?: (typeof SEPARATORS)[number];
}

/**
 * Rows below a header that names their cells. The values are texts, which `csvNumber()` and its like in the contract
 * turn into numbers; an empty cell is absent.
 */
export function csv({ separator = ',' }: CsvOptions = {}): CsvFormat {
  if (!SEPARATORS.includes(separator)) {
    throw new DefinitionError(
      'csv()',
      `separator ${JSON.stringify(separator)} cannot separate. There are ${SEPARATORS.map((each) => JSON.stringify(each)).join(' ')}.`,
    );
  }
  return { kind: 'csv', separator };
}

/**
 * A table in each file, its types as JSON has them. With `records`, see `ParquetQuery`, a statement makes the records of
 * a window from all rows of its files.
 */
export function parquet(query?: ParquetQuery): ParquetFormat {
  return query === undefined ? { kind: 'parquet' } : { kind: 'parquet', query: readFilesQuery(query) };
}

const KINDS: ReadonlySet<unknown> = new Set<FileFormat['kind']>(['jsonLines', 'jsonDocument', 'csv', 'parquet']);

/** The format for a source's spec, which does not say what goes without saying. */
export function readFormat(where: string, format: FileFormat | undefined): FormatOption {
  if (format === undefined || format.kind === 'jsonLines') return {};
  if (KINDS.has(format.kind)) return { format };
  throw new DefinitionError(
    where,
    'has a format that is none. There are jsonLines(), jsonDocument(), csv(), parquet().',
  );
}
