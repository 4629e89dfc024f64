import { isUtf8 } from 'node:buffer';
import type { KeyedIdentifier } from './erasure-key.ts';
import { findArrayElements, firstNonBlank } from './find-array-elements.ts';
import type { ByteRange } from './find-array-elements.ts';
import { MAX_DOCUMENT_BYTES } from './split-lines.ts';
import type { Suppression } from './suppression.ts';

const NEWLINE = 0x0a;
const OPEN_BRACKET = 0x5b;

/** What came of files that were searched for persons. */
export interface SuppressionTally {
  /** Lines that were a person's. */
  lines: number;
  /** Ids of these persons that are on no list yet. */
  readonly learned: KeyedIdentifier[];
}

export interface SuppressOptions {
  readonly suppression: Suppression;
  readonly source: string;
  /** A file may be one JSON array instead of lines. */
  readonly arrays: boolean;
  readonly tally: SuppressionTally;
}

/**
 * A file's content with others in the place of persons' lines; all else byte for byte, and every line where it was. At
 * most `MAX_DOCUMENT_BYTES` are held at once; a longer line is searched in pieces of that size.
 */
export async function* suppressFile(
  content: AsyncIterable<Buffer>,
  options: SuppressOptions,
): AsyncGenerator<Buffer, void, undefined> {
  const { arrays } = options;
  let held: Buffer[] = [];
  let size = 0;
  let mode: 'blank' | 'lines' | 'document' = arrays ? 'blank' : 'lines';
  for await (const chunk of content) {
    held.push(chunk);
    size += chunk.length;
    if (mode === 'blank') mode = chooseMode(chunk);
    if (mode === 'document' && size > MAX_DOCUMENT_BYTES) mode = 'lines';
    if (mode !== 'lines' || (chunk.indexOf(NEWLINE) < 0 && size <= MAX_DOCUMENT_BYTES)) continue;
    const all = Buffer.concat(held, size);
    const end = all.lastIndexOf(NEWLINE) + 1 || all.length;
    yield suppressLines(all.subarray(0, end), options);
    held = [all.subarray(end)];
    size = all.length - end;
  }
  if (size === 0) return;
  const rest = Buffer.concat(held, size);
  const elements = mode === 'document' ? findArrayElements(rest) : undefined;
  yield elements ? suppressRanges(rest, elements, options) : suppressLines(rest, options);
}

function chooseMode(bytes: Buffer): 'blank' | 'lines' | 'document' {
  const first = bytes[firstNonBlank(bytes, 0)];
  if (first === undefined) return 'blank';
  return first === OPEN_BRACKET ? 'document' : 'lines';
}

function suppressLines(bytes: Buffer, options: SuppressOptions): Buffer {
  const ranges: ByteRange[] = [];
  for (let start = 0; start < bytes.length;) {
    const newline = bytes.indexOf(NEWLINE, start);
    const end = newline < 0 ? bytes.length : newline;
    if (end > start) ranges.push({ start, end });
    start = end + 1;
  }
  return suppressRanges(bytes, ranges, options);
}

function suppressRanges(
  bytes: Buffer,
  ranges: readonly ByteRange[],
  { suppression, source, tally }: SuppressOptions,
): Buffer {
  const pieces: Buffer[] = [];
  let at = 0;
  for (const { start, end } of ranges) {
    const range = bytes.subarray(start, end);
    // What is no UTF-8 is read byte by byte, so that it can be searched and written back.
    const encoding = isUtf8(range) ? 'utf8' : 'latin1';
    const found = suppression.apply(range.toString(encoding), source);
    if (!found) continue;
    tally.lines += 1;
    tally.learned.push(...found.learned);
    pieces.push(bytes.subarray(at, start), Buffer.from(found.text, encoding));
    at = end;
  }
  return pieces.length === 0 ? bytes : Buffer.concat([...pieces, bytes.subarray(at)]);
}
