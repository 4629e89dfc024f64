import { cutSegments } from '../lake/merged-format.ts';
import { openFileReader } from '../lake/open-file-reader.ts';
import { Spool } from '../lake/spool.ts';
import type { FileFormat } from '../model/file-format.ts';
import type { Segment } from '../record/segment.ts';

/** A file that stands for an object of the source. */
export interface GivenFile {
  /** The object's key. */
  readonly key: string;
  readonly open: () => AsyncIterable<Buffer>;
}

/** The bounds of a merge. */
const MAX_BYTES = 256 * 1024 * 1024;
const MAX_REWRITTEN_BYTES = 4 * 1024 * 1024 * 1024;

/** The segments that merging these files gives, in the order in which they are given. */
export async function* readFiles(files: Iterable<GivenFile>, format: FileFormat): AsyncGenerator<Segment> {
  const maxBytes = format.kind === 'jsonLines' ? MAX_BYTES : MAX_REWRITTEN_BYTES;
  const reader = openFileReader({ format, maxBytes });
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
