import type { FileReason } from '../model/file-reason.ts';
import { GzipDamagedError, gunzip } from './gunzip.ts';
import { HEAD_BYTES, UTF8_MARK, sniffContent, startsWith } from './sniff-content.ts';
import type { Sink } from './spool.ts';

/** What a source file turned out to be. */
export type UnpackedFile =
  | { readonly kind: 'text' }
  | { readonly kind: 'empty' }
  | { readonly kind: 'rejected'; readonly reason: FileReason; readonly detail?: string };

/**
 * Reads a whole file, unpacks it if it is gzip, and writes its text into the sink, without a UTF-8 byte order mark.
 * Only when it says `text` may what was written be used: a file's last byte can still show that it is damaged.
 * Errors of `stored` pass as they are.
 */
export async function unpackFile(stored: AsyncIterable<Buffer>, sink: Sink, maxBytes: number): Promise<UnpackedFile> {
  const file = await peek(stored);
  try {
    if (sniffContent(file.head) !== 'gzip') return await takeText(file, sink, maxBytes);
    const text = await peek(gunzip(file.chunks));
    try {
      return await takeText(text, sink, maxBytes);
    } finally {
      await text.close();
    }
  } catch (error) {
    if (error instanceof GzipDamagedError) return { kind: 'rejected', reason: 'gzip' };
    throw error;
  } finally {
    await file.close();
  }
}

async function takeText({ head, chunks }: Peeked, sink: Sink, maxBytes: number): Promise<UnpackedFile> {
  const kind = sniffContent(head);
  if (kind !== 'text') return { kind: 'rejected', reason: kind === 'gzip' ? 'format' : kind };

  let toDrop = startsWith(head, UTF8_MARK) ? UTF8_MARK.length : 0;
  let size = 0;
  for await (const chunk of chunks) {
    const kept = chunk.subarray(toDrop);
    toDrop = 0;
    size += kept.length;
    if (size > maxBytes) return { kind: 'rejected', reason: 'too_large' };
    if (kept.length > 0) await sink.write(kept);
  }
  return size === 0 ? { kind: 'empty' } : { kind: 'text' };
}

interface Peeked {
  /** The first bytes: `HEAD_BYTES` of them or more, fewer only where there are no more. */
  readonly head: Buffer;
  /** All of them, the head too. To be read once, to the end or not. */
  readonly chunks: AsyncIterable<Buffer>;
  /** Lets the source go, wherever reading stopped. */
  readonly close: () => Promise<void>;
}

async function peek(source: AsyncIterable<Buffer>): Promise<Peeked> {
  const iterator = source[Symbol.asyncIterator]();
  let head: Buffer = Buffer.alloc(0);
  let ended = false;
  while (head.length < HEAD_BYTES && !ended) {
    const next = await iterator.next();
    if (next.done === true) ended = true;
    else head = head.length === 0 ? next.value : Buffer.concat([head, next.value]);
  }
  async function* all(): AsyncGenerator<Buffer> {
    if (head.length > 0) yield head;
    while (!ended) {
      const next = await iterator.next();
      if (next.done === true) return;
      yield next.value;
    }
  }
  return { head, chunks: all(), close: async () => void (await iterator.return?.()) };
}
