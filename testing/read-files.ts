import { assertParquet } from '../lake/assert-parquet.ts';
import { FileRejectedError } from '../lake/file-rejected-error.ts';
import { cutSegments } from '../lake/merged-format.ts';
import { maxBytesOf, openFileReader } from '../lake/open-file-reader.ts';
import { queryFiles } from '../lake/query-files.ts';
import type { FilesToQuery } from '../lake/query-files.ts';
import type { QueriedFile } from '../lake/run-files-query.ts';
import { Spool } from '../lake/spool.ts';
import { TemporaryFile } from '../lake/temporary-file.ts';
import type { FileFormat } from '../model/file-format.ts';
import type { Window } from '../model/window.ts';
import type { Segment } from '../record/segment.ts';

/** A file that stands for an object of the source. */
export interface GivenFile {
  /** The object's key. */
  readonly key: string;
  readonly open: () => AsyncIterable<Buffer>;
}

/**
 * The segments that merging these files gives, in the order in which they are given; where a statement makes the records
 * of whole files, what it gives of those of `window`.
 */
export async function* readFiles(
  files: Iterable<GivenFile>,
  format: FileFormat,
  window?: Window,
): AsyncGenerator<Segment> {
  if (format.kind === 'parquet' && format.query) {
    if (!window) throw new RangeError('The names of these files tell no window, whose records could be made of them.');
    yield* queryGiven(files, { query: format.query, window });
    return;
  }
  const reader = openFileReader({ format, maxBytes: maxBytesOf(format) });
  try {
    for (const { key, open } of files) {
      const spool = new Spool();
      try {
        const file = await reader.read(open(), spool);
        if (file.kind === 'text') yield* cutSegments(key, spool.read());
        else if (file.kind === 'rejected') {
          yield { source: key, rejected: file.reason, ...(file.detail === undefined ? {} : { detail: file.detail }) };
        }
      } finally {
        await spool.dispose();
      }
    }
  } finally {
    await reader.close();
  }
}

async function* queryGiven(files: Iterable<GivenFile>, options: FilesToQuery): AsyncGenerator<Segment> {
  const held: TemporaryFile[] = [];
  const queried: QueriedFile[] = [];
  try {
    for (const { key, open } of files) {
      const file = await TemporaryFile.create();
      held.push(file);
      for await (const chunk of open()) await file.write(chunk);
      try {
        await assertParquet(file);
        queried.push({ source: key, path: await file.path() });
      } catch (error) {
        if (!(error instanceof FileRejectedError)) throw error;
        yield { source: key, rejected: error.reason, detail: error.detail };
      }
    }
    yield* queryFiles(queried, options);
  } finally {
    await Promise.all(held.map((file) => file[Symbol.asyncDispose]()));
  }
}
