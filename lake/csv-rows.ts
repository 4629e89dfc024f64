import { CsvError, parse } from 'csv-parse';
import type { Parser } from 'csv-parse';
import { MAX_LINE_BYTES } from '../record/split-lines.ts';
import { FileRejectedError } from './file-rejected-error.ts';

/** The cells of one row. */
export type CsvRow = readonly string[];

const QUOTE = 0x22;

/**
 * Cuts CSV into rows while it comes. Up to the first quote a row is a line and a cell is what stands between separators,
 * which is cut at once; from there on csv-parse reads, several times slower.
 */
export class CsvRows {
  readonly #separator: string;
  #parser: Parser | undefined;
  #failure: Error | undefined;
  #rows: CsvRow[] = [];
  /** The beginning of a row, and how many lines came before it, up to the first quote. */
  #rest = '';
  #lines = 0;

  constructor(separator: string) {
    this.#separator = separator;
  }

  /** The rows that end in this piece, which is cut between characters. Throws a `FileRejectedError`. */
  async take(text: Buffer): Promise<readonly CsvRow[]> {
    if (!this.#parser && !text.includes(QUOTE)) return this.#cut(text);
    const parser = this.#parser ?? this.#openParser();
    const unread = this.#rest === '' ? text : Buffer.concat([Buffer.from(this.#rest), text]);
    this.#rest = '';
    await new Promise<void>((resolve) => void parser.write(unread, () => resolve()));
    return this.#takeRows();
  }

  /** The last row, where no line break ends it. */
  async end(): Promise<readonly CsvRow[]> {
    const parser = this.#parser;
    if (!parser) return this.#rest === '' ? [] : [this.#rest.split(this.#separator)];
    await new Promise<void>((resolve) => void parser.end(() => resolve()));
    return this.#takeRows();
  }

  #cut(text: Buffer): readonly CsvRow[] {
    const lines = `${this.#rest}${text.toString('utf8')}`.split('\n');
    this.#rest = lines.pop() ?? '';
    this.#lines += lines.length;
    if (Buffer.byteLength(this.#rest) > MAX_LINE_BYTES) throw tooLong(this.#lines + 1);
    return lines.map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line).split(this.#separator));
  }

  #openParser(): Parser {
    this.#parser = parse({
      delimiter: this.#separator,
      record_delimiter: ['\r\n', '\n'],
      relax_column_count: true,
      // A quote within a cell that does not begin with one is a character like any other: 5" pipe.
      relax_quotes: true,
      max_record_size: MAX_LINE_BYTES,
      on_record: (row: CsvRow) => {
        this.#rows.push(row);
        return null;
      },
    });
    this.#parser.on('error', (error) => (this.#failure = error));
    return this.#parser;
  }

  #takeRows(): readonly CsvRow[] {
    if (this.#failure) throw explainFailure(this.#failure, this.#lines);
    const rows = this.#rows;
    this.#rows = [];
    return rows;
  }
}

function explainFailure(error: Error, linesBefore: number): Error {
  if (!(error instanceof CsvError)) return error;
  if (error.code === 'CSV_QUOTE_NOT_CLOSED')
    return new FileRejectedError('csv', 'it ends within quotes: it is cut short, or a quote is missing');
  if (error.code === 'CSV_MAX_RECORD_SIZE') return tooLong(linesBefore + Number(error['lines']));
  return new FileRejectedError('csv', error.message);
}

function tooLong(line: number): FileRejectedError {
  return new FileRejectedError(
    'csv',
    `the row at line ${line} has more than ${MAX_LINE_BYTES} bytes: probably a quote is missing`,
  );
}
