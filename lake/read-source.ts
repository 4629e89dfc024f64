import type { ListedSource } from '../model/get-listed-source.ts';
import type { Lake } from './open-lake.ts';
import { streamDocument } from './read-document.ts';
import { readSourceObject, streamSourceObject } from './read-source-object.ts';
import type { SourceRead } from './read-source-object.ts';
import { retryOutages } from './retry-outages.ts';

/** Where the objects of a manifest are read; its `bucket` is a bucket there, or a base. */
export type ListedKind = ListedSource['kind'];

/** Reads a small object whole; see `readSourceObject`. */
export function readSource(lake: Lake, kind: ListedKind, read: SourceRead): Promise<Buffer> {
  if (kind === 's3') return readSourceObject(lake, read);
  return retryOutages(read.signal, async () => {
    const chunks: Buffer[] = [];
    for await (const chunk of streamDocument(lake, read)) chunks.push(chunk);
    return Buffer.concat(chunks);
  });
}

/** The same as a stream, for objects too large to hold, and without retries. */
export function streamSource(lake: Lake, kind: ListedKind, read: SourceRead): AsyncIterable<Buffer> {
  return kind === 's3' ? streamSourceObject(lake, read) : streamDocument(lake, read);
}
