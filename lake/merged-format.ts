import type { FileReason } from '../model/file-reason.ts';
import { TerminalError } from '../model/terminal-error.ts';

/*
 * The format of a merged object, `raw/…/<digest>.jsonl.gz`: all files of a window, each line with the file it came from.
 *
 *   object   = gzip members, one after the other, of about 1 MiB unpacked; unpacked they are a sequence of segments
 *   segment  = header "\n" bytes "\n"
 *   header   = {"source":"<key>","line":<n>,"bytes":<n>,"last":<boolean>}    a part of a file
 *            | {"source":"<key>","rejected":"<reason>","bytes":0}            a file that could not be used; no bytes of it
 *
 * A rejected file's header may have a "detail": what is wrong with it, in words.
 * Files of other formats than JSON lines were rewritten as such, a record in each line, before they were cut.
 *
 * `bytes` says how many bytes stand between the header's newline and the closing one, so nothing in a file can pass
 * for a header. Files stand in the manifest's order, a file's segments in their own; `last` marks a file's last one.
 * The bytes of a file's segments, put together, are its content as unpacked, without a leading UTF-8 byte order mark.
 *
 * A segment has at most 1 MiB. A longer file is cut after the last newline that fits, or, where none does, in the
 * middle of a line. `line` is 1 + the number of newlines before the segment in its file: the number of the line that
 * begins with the segment, or of the line that it goes on with, if the segment before did not end in a newline.
 *
 * Files without content have no segment. Files rejected by their names follow after all others.
 */

/** A segment's content is at most this long. */
export const MAX_SEGMENT_BYTES = 1024 * 1024;

/** A gzip member is closed when it has this many bytes unpacked. */
export const MEMBER_BYTES = 1024 * 1024;

/** Keys have at most 1,024 bytes, details 500 characters; each may become six when it is escaped. */
const MAX_HEADER_BYTES = 16 * 1024;

const NEWLINE = 0x0a;

/** A piece of a merged object: a part of a file, or the word that a file could not be used. */
export type MergedSegment =
  | {
      readonly source: string;
      /** The number, from 1, of the line that begins here or goes on here. */
      readonly line: number;
      readonly last: boolean;
      readonly bytes: Buffer;
    }
  | { readonly source: string; readonly rejected: FileReason; readonly detail?: string };

/** A merged object does not follow its own format. Its digest was right, so a bug wrote it. */
export class MergedFormatError extends TerminalError {
  constructor(what: string) {
    super(
      `A merged object is malformed: ${what}. Run its partition again with --force, and please report this as a bug.`,
    );
    this.name = 'MergedFormatError';
  }
}

/** A segment as it stands in the object, in pieces so that content is not copied. */
export function encodeSegment(segment: MergedSegment): readonly Buffer[] {
  if ('rejected' in segment) {
    const { source, rejected, detail } = segment;
    return [Buffer.from(`${JSON.stringify({ source, rejected, detail, bytes: 0 })}\n\n`)];
  }
  const { source, line, last, bytes } = segment;
  return [Buffer.from(`${JSON.stringify({ source, line, bytes: bytes.length, last })}\n`), bytes, Buffer.from('\n')];
}

/** Cuts a file's content into segments. Content without a byte gives none. */
export async function* cutSegments(
  source: string,
  content: AsyncIterable<Buffer>,
  maxBytes: number = MAX_SEGMENT_BYTES,
): AsyncGenerator<MergedSegment> {
  let held: Buffer[] = [];
  let heldBytes = 0;
  let line = 1;
  for await (const chunk of content) {
    held.push(chunk);
    heldBytes += chunk.length;
    if (heldBytes <= maxBytes) continue;

    let rest: Buffer = Buffer.concat(held, heldBytes);
    while (rest.length > maxBytes) {
      const cut = rest.lastIndexOf(NEWLINE, maxBytes - 1) + 1 || maxBytes;
      const bytes = rest.subarray(0, cut);
      yield { source, line, last: false, bytes };
      line += countNewlines(bytes);
      rest = rest.subarray(cut);
    }
    held = [rest];
    heldBytes = rest.length;
  }
  if (heldBytes === 0) return;
  const [only] = held;
  yield {
    source,
    line,
    last: true,
    bytes: only !== undefined && held.length === 1 ? only : Buffer.concat(held, heldBytes),
  };
}

/** Reads segments from an object's unpacked bytes. Throws `MergedFormatError`; errors of `chunks` pass as they are. */
export async function* parseSegments(chunks: AsyncIterable<Buffer>): AsyncGenerator<MergedSegment> {
  let held: Buffer = Buffer.alloc(0);
  const more: Buffer[] = [];
  let wanted = 0;
  let moreBytes = 0;
  for await (const chunk of chunks) {
    more.push(chunk);
    moreBytes += chunk.length;
    if (held.length + moreBytes < wanted) continue;
    held = held.length === 0 && more.length === 1 ? chunk : Buffer.concat([held, ...more]);
    more.length = moreBytes = 0;

    let at = 0;
    for (;;) {
      const found = parseSegment(held, at);
      if (typeof found === 'number') {
        wanted = found;
        break;
      }
      yield found.segment;
      at = found.end;
    }
    held = held.subarray(at);
  }
  if (held.length + moreBytes > 0) throw new MergedFormatError('it ends within a segment');
}

/** The segment that begins at `at`; where it is not all there, how many bytes are needed from `at` on, as far as known. */
function parseSegment(data: Buffer, at: number): { readonly segment: MergedSegment; readonly end: number } | number {
  const headerEnd = data.indexOf(NEWLINE, at);
  if (headerEnd < 0 && data.length - at > MAX_HEADER_BYTES) throw new MergedFormatError('a header has no end');
  if (headerEnd < 0) return data.length - at + 1;
  const { bytes, ...header } = parseHeader(data.toString('utf8', at, headerEnd));
  const start = headerEnd + 1;
  const end = start + bytes;
  if (data.length <= end) return end + 1 - at;
  if (data[end] !== NEWLINE)
    throw new MergedFormatError(`a segment of ${JSON.stringify(header.source)} is longer than it says`);
  const segment: MergedSegment = 'rejected' in header ? header : { ...header, bytes: data.subarray(start, end) };
  return { segment, end: end + 1 };
}

type Header =
  | { readonly source: string; readonly line: number; readonly last: boolean; readonly bytes: number }
  | { readonly source: string; readonly rejected: FileReason; readonly detail?: string; readonly bytes: 0 };

function parseHeader(text: string): Header {
  let header: Partial<Record<'source' | 'line' | 'last' | 'rejected' | 'detail' | 'bytes', unknown>>;
  try {
    header = JSON.parse(text) as typeof header;
  } catch {
    throw new MergedFormatError('a header is not JSON');
  }
  const { source, line, last, rejected, detail, bytes } = header;
  if (typeof source === 'string' && isRejected(rejected) && bytes === 0)
    return { source, rejected, bytes, ...(typeof detail === 'string' ? { detail } : {}) };
  const counts = isCount(line, 1) && isCount(bytes, 1) && bytes <= MAX_SEGMENT_BYTES;
  if (typeof source === 'string' && counts && typeof last === 'boolean') return { source, line, last, bytes };
  throw new MergedFormatError(`a header is ${text.slice(0, 200)}`);
}

function isCount(value: unknown, least: number): value is number {
  return Number.isSafeInteger(value) && (value as number) >= least;
}

const REASONS: ReadonlySet<unknown> = new Set<FileReason>([
  'key',
  'gzip',
  'encoding',
  'format',
  'too_large',
  'csv',
  'json_document',
  'parquet',
]);

function isRejected(value: unknown): value is FileReason {
  return REASONS.has(value);
}

function countNewlines(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) count += 1;
  return count;
}
