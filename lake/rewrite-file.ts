import { setImmediate as letOthersRun } from 'node:timers/promises';
import type { CsvFormat, FileFormat, JsonDocumentFormat } from '../model/file-format.ts';
import { FileRejectedError } from './file-rejected-error.ts';
import { CsvRewriter } from './rewrite-csv.ts';
import { JsonDocumentRewriter } from './rewrite-json-document.ts';
import { rewriteParquet } from './rewrite-parquet.ts';
import type { Sink, Spool } from './spool.ts';
import { unpackFile } from './unpack-file.ts';
import type { UnpackedFile } from './unpack-file.ts';

/** Turns a file's text into lines of JSON while it comes. */
export interface Rewriter extends Sink {
  /** Says that the text has ended. Throws a `FileRejectedError`, as `write` does, where it is not whole. */
  end(): Promise<void>;
}

export interface RewriteOptions {
  readonly format: Exclude<FileFormat, { readonly kind: 'jsonLines' }>;
  /** How large the file may be, once unpacked. */
  readonly maxBytes: number;
  readonly signal?: AbortSignal | undefined;
}

/** So much of a file is rewritten before other work of this process goes on. */
const SLICE_BYTES = 128 * 1024;

/** Names are said again in every record: lines may be so many times larger than their file. */
const MAX_GROWTH = 8;

/**
 * Reads a whole file of another format than JSON lines, and writes its records into the spool, one JSON value a line, in
 * their order. Only when it says `text` may the spool be used. Memory is bounded whatever the file's size. Errors of
 * `stored` pass as they are.
 */
export async function rewriteFile(
  stored: AsyncIterable<Buffer>,
  spool: Spool,
  { format, maxBytes, signal }: RewriteOptions,
): Promise<UnpackedFile> {
  const lines = limitTo(maxBytes * MAX_GROWTH, spool);
  try {
    if (format.kind === 'parquet') {
      await rewriteParquet(stored, lines, { maxBytes, signal });
    } else {
      const rewriter = openRewriter(format, lines);
      const file = await unpackFile(stored, slicing(rewriter), maxBytes);
      if (file.kind === 'rejected') return file;
      await rewriter.end();
    }
  } catch (error) {
    if (error instanceof FileRejectedError) return { kind: 'rejected', reason: error.reason, detail: error.detail };
    throw error;
  }
  return { kind: spool.size === 0 ? 'empty' : 'text' };
}

function openRewriter(format: CsvFormat | JsonDocumentFormat, lines: Sink): Rewriter {
  return format.kind === 'csv' ? new CsvRewriter(lines, format) : new JsonDocumentRewriter(lines, format);
}

/** A file that was read ahead comes in one piece. */
function slicing(sink: Sink): Sink {
  return {
    async write(chunk) {
      for (let at = 0; at < chunk.length; at += SLICE_BYTES) {
        await sink.write(chunk.subarray(at, at + SLICE_BYTES));
        await letOthersRun();
      }
    },
  };
}

function limitTo(maxBytes: number, sink: Sink): Sink {
  let size = 0;
  return {
    async write(chunk) {
      size += chunk.length;
      if (size > maxBytes) throw new FileRejectedError('too_large', `its records have more than ${maxBytes} bytes`);
      await sink.write(chunk);
    },
  };
}
