import { cutSegments } from '../lake/merged-format.ts';
import { DEFAULT_MERGE_LIMITS } from '../lake/merge-objects.ts';
import { Spool } from '../lake/spool.ts';
import { unpackFile } from '../lake/unpack-file.ts';
import type { Segment } from '../record/segment.ts';

/** A file that stands for an object of the source. */
export interface GivenFile {
  /** The object's key. */
  readonly key: string;
  readonly open: () => AsyncIterable<Buffer>;
}

/** The segments that merging these files gives, in the order in which they are given. */
export async function* readFiles(files: Iterable<GivenFile>): AsyncGenerator<Segment> {
  for (const { key, open } of files) {
    const spool = new Spool();
    try {
      const file = await unpackFile(open(), spool, DEFAULT_MERGE_LIMITS.maxFileBytes);
      if (file.kind === 'rejected') yield { source: key, rejected: file.reason };
      else if (file.kind === 'text') yield* cutSegments(key, spool.read());
    } finally {
      await spool.dispose();
    }
  }
}
