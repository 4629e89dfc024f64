import { Buffer } from 'node:buffer';

/** Smaller messages cost the server a wake-up each, larger ones only memory. In bytes. */
export const MIN_CHUNK_BYTES = 256 * 1024;
export const MAX_CHUNK_BYTES = 1024 * 1024;

/** The same bytes in chunks of at least 256 KiB (the last one aside) and at most 1 MiB. */
export async function* batchChunks(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer, void, undefined> {
  let waiting: Uint8Array[] = [];
  let waitingBytes = 0;
  for await (const chunk of chunks) {
    waiting.push(chunk);
    waitingBytes += chunk.byteLength;
    if (waitingBytes < MIN_CHUNK_BYTES) continue;
    yield* cut(waiting, waitingBytes);
    waiting = [];
    waitingBytes = 0;
  }
  if (waitingBytes > 0) yield* cut(waiting, waitingBytes);
}

function* cut(parts: readonly Uint8Array[], bytes: number): Generator<Buffer, void, undefined> {
  const [first] = parts;
  const whole =
    parts.length === 1 && first ? Buffer.from(first.buffer, first.byteOffset, bytes) : Buffer.concat(parts, bytes);
  for (let start = 0; start < bytes; start += MAX_CHUNK_BYTES) yield whole.subarray(start, start + MAX_CHUNK_BYTES);
}
