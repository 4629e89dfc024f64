import type { StoredObject } from '../model/source-object.ts';
import type { MergedSegment } from './merged-format.ts';
import { cutSegments } from './merged-format.ts';
import type { Lake } from './open-lake.ts';
import { putContentAddressed } from './put-content-addressed.ts';
import { readMerged } from './read-merged.ts';
import type { StoredRead } from './read-stored.ts';
import { writeSegments } from './write-segments.ts';

/** What a file's content becomes; called once for each file, in the object's order. */
export type ChangeFile = (source: string, content: AsyncIterable<Buffer>) => AsyncIterable<Buffer>;

export interface MergedRewrite {
  readonly object: StoredObject;
  readonly prefix: string;
  readonly change: ChangeFile;
  readonly signal?: AbortSignal | undefined;
}

/** Where it was deleted and the bucket keeps what it was, the version is to be said. */
export interface MergedSearch extends Omit<MergedRewrite, 'prefix'>, StoredRead {}

/** Writes a merged object anew with its files changed, beside the one that was. Memory stays as bounded as `change` is. */
export async function rewriteMerged(
  lake: Lake,
  { object, prefix, change, signal }: MergedRewrite,
): Promise<StoredObject> {
  const write: Parameters<typeof putContentAddressed>[1]['write'] = async (sink) => {
    const writer = writeSegments(sink);
    for await (const segment of changeFiles(readMerged(lake, object, { signal }), change)) await writer.write(segment);
    await writer.end();
  };
  return putContentAddressed(lake, { prefix, suffix: '.jsonl.gz', signal, write });
}

/** Reads all files of a merged object through `change`, for what it sees, and keeps nothing. */
export async function searchMerged(lake: Lake, { object, change, version, signal }: MergedSearch): Promise<void> {
  for await (const _ of changeFiles(readMerged(lake, object, { version, signal }), change)) signal?.throwIfAborted();
}

async function* changeFiles(
  segments: AsyncGenerator<MergedSegment>,
  change: ChangeFile,
): AsyncGenerator<MergedSegment, void, undefined> {
  for (;;) {
    const { done, value: first } = await segments.next();
    if (done === true) return;
    if ('rejected' in first) yield first;
    else yield* cutSegments(first.source, change(first.source, restOfFile(first.bytes, first.last, segments)));
  }
}

/** The bytes of the file that has begun, up to its last segment. */
async function* restOfFile(
  bytes: Buffer,
  isLast: boolean,
  segments: AsyncGenerator<MergedSegment>,
): AsyncGenerator<Buffer, void, undefined> {
  yield bytes;
  for (let last = isLast; !last;) {
    const { done, value: segment } = await segments.next();
    if (done === true || 'rejected' in segment) throw new RangeError('A merged object lacks the end of a file.');
    yield segment.bytes;
    last = segment.last;
  }
}
