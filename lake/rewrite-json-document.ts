import type { JsonDocumentFormat } from '../model/file-format.ts';
import { firstNonBlank } from '../record/find-array-elements.ts';
import { MAX_LINE_BYTES } from '../record/split-lines.ts';
import { findForeignText } from './find-foreign-text.ts';
import { FileRejectedError } from './file-rejected-error.ts';
import { JsonListCopy } from './json-list-copy.ts';
import { JsonListSearch } from './json-list-search.ts';
import type { Rewriter } from './open-file-reader.ts';
import type { Sink } from './spool.ts';

const OPEN_BRACKET = 0x5b;

/**
 * Rewrites one JSON document as lines. Where the definition names a list in it, or the document is itself a list, its
 * elements are the records, and are copied while they come; else the document is one record, and must fit a line. What
 * stands beside the list is looked at for its brackets and texts only: they tell whether the document is whole.
 */
export class JsonDocumentRewriter implements Rewriter {
  readonly #lines: Sink;
  readonly #path: readonly string[] | undefined;
  readonly #search: JsonListSearch;
  #copy: JsonListCopy | undefined;
  /** The document so far, where it is one record; undefined where its list is looked for. */
  #whole: Buffer[] | undefined;
  #size = 0;
  #hasBegun = false;

  constructor(lines: Sink, { records }: JsonDocumentFormat) {
    this.#lines = lines;
    this.#path = records;
    this.#search = new JsonListSearch(records ?? []);
  }

  async write(chunk: Buffer): Promise<void> {
    if (!this.#hasBegun) this.#begin(chunk);
    if (this.#whole) return this.#keep(this.#whole, chunk);
    for (let at = 0; at < chunk.length;) {
      if (this.#copy) {
        const { end, lines, isDone } = this.#copy.take(chunk, at);
        if (lines.length > 0) await this.#lines.write(lines);
        if (isDone) this.#copy = undefined;
        at = end;
      } else {
        at = this.#search.take(chunk, at);
        if (this.#search.isAtList) this.#copy = new JsonListCopy();
        this.#search.isAtList = false;
      }
    }
  }

  async end(): Promise<void> {
    if (!this.#hasBegun) return;
    if (this.#whole) return this.#writeWhole(Buffer.concat(this.#whole));
    if (this.#copy || !this.#search.isDone) throw reject('it ends before its document does: it is cut short');
    if (this.#search.found === 0) throw reject(`it has no list at "${(this.#path ?? []).join('.')}"`);
  }

  #begin(chunk: Buffer): void {
    const first = firstNonBlank(chunk, 0);
    if (first === chunk.length) return;
    this.#hasBegun = true;
    const foreign = findForeignText(chunk.subarray(first));
    if (foreign !== undefined) throw reject(`it is ${foreign}, no JSON document`);
    if (this.#path === undefined && chunk[first] !== OPEN_BRACKET) this.#whole = [];
  }

  #keep(whole: Buffer[], chunk: Buffer): void {
    this.#size += chunk.length;
    if (this.#size > MAX_LINE_BYTES) {
      throw new FileRejectedError(
        'too_large',
        `a document that is one record can have ${MAX_LINE_BYTES} bytes; name the list of its records: jsonDocument({ records: 'data.items' })`,
      );
    }
    whole.push(chunk);
  }

  async #writeWhole(document: Buffer): Promise<void> {
    try {
      JSON.parse(document.toString('utf8'));
    } catch (error) {
      throw reject(error instanceof Error ? error.message : String(error));
    }
    // In valid JSON a line break stands between values only.
    await this.#lines.write(Buffer.from(`${document.toString('latin1').replaceAll(/[\r\n]/gu, ' ')}\n`, 'latin1'));
  }
}

function reject(detail: string): FileRejectedError {
  return new FileRejectedError('json_document', detail);
}
