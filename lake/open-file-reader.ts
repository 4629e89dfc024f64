import { setImmediate as letOthersRun } from 'node:timers/promises';
import type { CsvFormat, FileFormat, JsonDocumentFormat } from '../model/file-format.ts';
import { FileRejectedError } from './file-rejected-error.ts';
import { CsvRewriter } from './rewrite-csv.ts';
import { JsonDocumentRewriter } from './rewrite-json-document.ts';
import type { ParquetReader } from './open-parquet-reader.ts';
import { rewriteParquet } from './rewrite-parquet.ts';
import type { Sink, Spool } from './spool.ts';
import { unpackFile } from './unpack-file.ts';
import type { UnpackedFile } from './unpack-file.ts';

export interface FileLimits {
  /** A file with more bytes, once unpacked, is rejected as `too_large`. */
  readonly maxFileBytes: number;
  /** The same for files that are rewritten; left out: as much as ever. */
  readonly maxRewrittenBytes?: number;
}

const MAX_FILE_BYTES = 256 * 1024 * 1024;
/** In these formats one file may well hold a whole window. */
const MAX_REWRITTEN_BYTES = 4 * 1024 * 1024 * 1024;

/** How large a file of this format may be, once unpacked. */
export function maxBytesOf(
  { kind }: FileFormat,
  { maxFileBytes, maxRewrittenBytes = MAX_REWRITTEN_BYTES }: FileLimits = { maxFileBytes: MAX_FILE_BYTES },
): number {
  return kind === 'jsonLines' ? maxFileBytes : maxRewrittenBytes;
}

/** Turns a file's text into lines of JSON while it comes. */
export interface Rewriter extends Sink {
  /** Says that the text has ended. Throws a `FileRejectedError`, as `write` does, where it is not whole. */
  end(): Promise<void>;
}

export interface FileReaderOptions {
  readonly format: FileFormat;
  /** How large a file may be, once unpacked. */
  readonly maxBytes: number;
  readonly signal?: AbortSignal | undefined;
}

/** Reads the files of one window, one after the other. */
export interface FileReader {
  /** How large a file may be, once unpacked. */
  readonly maxBytes: number;
  /**
   * Reads a whole file and writes what it holds into the spool: lines of JSON as they are, records of another format as
   * one JSON value a line, in their order. Only when it says `text` may the spool be used. Memory is bounded whatever the
   * file's size. Errors of `stored` pass as they are.
   */
  read(stored: AsyncIterable<Buffer>, spool: Spool): Promise<UnpackedFile>;
  /** Gives back what reading Parquet took. */
  close(): Promise<void>;
}

/** So much of a file is rewritten before other work of this process goes on. */
const SLICE_BYTES = 128 * 1024;

/** Names are said again in every record: lines may be so many times larger than their file. */
const MAX_GROWTH = 8;

/** Opens nothing yet. */
export function openFileReader({ format, maxBytes, signal }: FileReaderOptions): FileReader {
  if (format.kind === 'jsonLines') {
    return { maxBytes, read: (stored, spool) => unpackFile(stored, spool, maxBytes), close: async () => undefined };
  }
  let parquet: Promise<ParquetReader> | undefined;
  // Heavy, and of use where there is a file of Parquet only.
  const open = () =>
    (parquet ??= import('./open-parquet-reader.ts').then(({ openParquetReader }) => openParquetReader()));
  const rewrite = async (stored: AsyncIterable<Buffer>, lines: Sink): Promise<UnpackedFile | undefined> => {
    if (format.kind === 'parquet') {
      await rewriteParquet(stored, lines, { maxBytes, open, signal });
      return undefined;
    }
    const rewriter = openRewriter(format, lines);
    const file = await unpackFile(stored, slicing(rewriter), maxBytes);
    if (file.kind !== 'rejected') await rewriter.end();
    return file;
  };
  return {
    maxBytes,
    async read(stored, spool) {
      try {
        const file = await rewrite(stored, limitTo(maxBytes * MAX_GROWTH, spool));
        if (file?.kind === 'rejected') return file;
      } catch (error) {
        if (error instanceof FileRejectedError) return { kind: 'rejected', reason: error.reason, detail: error.detail };
        throw error;
      }
      return { kind: spool.size === 0 ? 'empty' : 'text' };
    },
    close: async () => (await parquet?.catch(() => undefined))?.close(),
  };
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
