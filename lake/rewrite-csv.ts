import { isUtf8 } from 'node:buffer';
import type { CsvFormat } from '../model/file-format.ts';
import { CsvRows } from './csv-rows.ts';
import type { CsvRow } from './csv-rows.ts';
import { FileRejectedError } from './file-rejected-error.ts';
import { findForeignText } from './find-foreign-text.ts';
import type { Rewriter } from './open-file-reader.ts';
import type { Sink } from './spool.ts';
import { Utf8Boundary } from './utf8-boundary.ts';

/** So much of a file must have come before its first line is looked at. */
const FIRST_LINE_BYTES = 64;

/** What Excel writes and reads above a header, to say the separator. */
const SEPARATOR_LINE = /^sep=([^\r\n"])\r?\n/u;

/**
 * Rewrites CSV as lines of JSON: the first row names the cells, and each row below is an object of these names. Its
 * values are texts; an empty cell is left out, as is a cell that the header has no name for. A row whose cells are not
 * as many as the names becomes a list of its cells, which is no record and so is held back. A row that consists of the
 * header's names is a header again, which holds from there on: files put one behind the other have that.
 */
export class CsvRewriter implements Rewriter {
  readonly #lines: Sink;
  readonly #boundary = new Utf8Boundary();
  #head: Buffer | undefined = Buffer.alloc(0);
  #rows: CsvRows;
  #header: Header | undefined;

  constructor(lines: Sink, { separator }: CsvFormat) {
    this.#lines = lines;
    this.#rows = new CsvRows(separator);
  }

  async write(chunk: Buffer): Promise<void> {
    if (!this.#head) return this.#parse(chunk);
    this.#head = Buffer.concat([this.#head, chunk]);
    if (this.#head.length >= FIRST_LINE_BYTES) await this.#begin(this.#head);
  }

  async end(): Promise<void> {
    if (this.#head) await this.#begin(this.#head);
    if (this.#boundary.isOpen) throw notUtf8();
    await this.#writeRows(await this.#rows.end());
  }

  async #begin(head: Buffer): Promise<void> {
    this.#head = undefined;
    const foreign = findForeignText(head);
    if (foreign !== undefined) throw new FileRejectedError('csv', `it is ${foreign}, no CSV`);
    const own = SEPARATOR_LINE.exec(head.toString('latin1', 0, FIRST_LINE_BYTES));
    if (own?.[1] !== undefined) this.#rows = new CsvRows(own[1]);
    await this.#parse(head.subarray(own?.[0].length ?? 0));
  }

  async #parse(chunk: Buffer): Promise<void> {
    const text = this.#boundary.take(chunk);
    if (!isUtf8(text)) throw notUtf8();
    await this.#writeRows(await this.#rows.take(text));
  }

  async #writeRows(rows: readonly CsvRow[]): Promise<void> {
    let lines = '';
    for (const row of rows) {
      // A line without a character is no row.
      if (row.length === 1 && row[0] === '') continue;
      if (!this.#header || repeatsHeader(row, this.#header)) this.#header = readHeader(row);
      else
        lines += row.length === this.#header.count ? `${writeRecord(row, this.#header)}\n` : `${JSON.stringify(row)}\n`;
    }
    if (lines !== '') await this.#lines.write(Buffer.from(lines));
  }
}

interface Header {
  readonly count: number;
  readonly names: ReadonlySet<string>;
  /** Each name as it stands in a record, with its colon; undefined where a cell has no name. */
  readonly labels: readonly (string | undefined)[];
}

function readHeader(row: CsvRow): Header {
  const names = row.map((name) => name.trim());
  const named = names.filter((name) => name !== '');
  const repeated = named.find((name, index) => named.indexOf(name) !== index);
  if (repeated !== undefined) throw new FileRejectedError('csv', `its header names ${JSON.stringify(repeated)} twice`);
  if (named.length === 0) throw new FileRejectedError('csv', 'its header names nothing');
  return {
    count: names.length,
    names: new Set(named),
    labels: names.map((name) => (name === '' ? undefined : `${JSON.stringify(name)}:`)),
  };
}

/** In a file of one column a value that is the column's name would be no surprise. */
function repeatsHeader(row: CsvRow, { count, names }: Header): boolean {
  if (count === 1 || row.length !== count || !names.has(row[0]?.trim() ?? '')) return false;
  const cells = row.map((cell) => cell.trim());
  return cells.every((cell) => cell === '' || names.has(cell)) && new Set(cells).size === count;
}

function writeRecord(row: CsvRow, { labels }: Header): string {
  let record = '';
  for (const [index, cell] of row.entries()) {
    const label = labels[index];
    if (cell === '' || label === undefined) continue;
    record += `${record === '' ? '' : ','}${label}${JSON.stringify(cell)}`;
  }
  return `{${record}}`;
}

function notUtf8(): FileRejectedError {
  return new FileRejectedError('encoding', 'it is not UTF-8; only UTF-8 is read');
}
