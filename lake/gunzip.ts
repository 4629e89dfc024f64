import { createGunzip } from 'node:zlib';

/** The bytes are no whole gzip file. */
export class GzipDamagedError extends Error {
  constructor(why: string, options?: ErrorOptions) {
    super(`The gzip data is not whole: ${why}.`, options);
    this.name = 'GzipDamagedError';
  }
}

const OUTPUT_BYTES = 256 * 1024;

/**
 * Unpacks gzip of one or more members. Zeros may follow (tape and block padding); anything else that follows, a cut
 * or a wrong checksum is a `GzipDamagedError`. Errors of `chunks` pass as they are. Count what comes out: a stream of
 * zlib's has no limit of its own.
 */
export async function* gunzip(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const engine = createGunzip({ chunkSize: OUTPUT_BYTES });
  const closed = new Promise<void>((resolve) => void engine.once('close', resolve).once('end', resolve));
  let fedBytes = 0;
  let lastNonZeroAt = -1;

  const feed = async (): Promise<void> => {
    for await (const chunk of chunks) {
      const lastInChunk = lastNonZero(chunk);
      if (lastInChunk >= 0) lastNonZeroAt = fedBytes + lastInChunk;
      fedBytes += chunk.length;
      // After its end the engine takes nothing more; the rest is still read, for what it is and for the caller's checks.
      if (engine.destroyed && !engine.readableEnded) return;
      if (!engine.readableEnded)
        await Promise.race([new Promise<void>((resolve) => void engine.write(chunk, () => resolve())), closed]);
    }
    if (!engine.destroyed) engine.end();
  };
  // A failure of the source reaches the reader below through the engine, where it still can.
  const feeding = feed().catch((error: unknown) => {
    engine.destroy(error as Error);
    throw error;
  });
  feeding.catch(() => undefined);

  try {
    yield* engine;
    await feeding;
  } catch (error) {
    throw isZlibError(error) ? new GzipDamagedError(error.message, { cause: error }) : error;
  } finally {
    engine.destroy();
  }
  if (lastNonZeroAt >= engine.bytesWritten) throw new GzipDamagedError('other bytes follow its end');
}

function lastNonZero(chunk: Buffer): number {
  let at = chunk.length - 1;
  while (at >= 0 && chunk[at] === 0) at -= 1;
  return at;
}

function isZlibError(error: unknown): error is Error {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && code.startsWith('Z_');
}
