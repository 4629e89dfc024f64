import { assertParquet } from './assert-parquet.ts';
import { FileRejectedError } from './file-rejected-error.ts';
import type { ParquetReader } from './open-parquet-reader.ts';
import type { Sink } from './spool.ts';
import { TemporaryFile } from './temporary-file.ts';

export interface RewriteParquetOptions {
  readonly maxBytes: number;
  readonly open: () => Promise<ParquetReader>;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Rewrites a Parquet file as lines of JSON. DuckDB reads it, from a temporary file without a name: a Parquet file says at
 * its end what is where.
 */
export async function rewriteParquet(
  stored: AsyncIterable<Buffer>,
  lines: Sink,
  { maxBytes, open: openReader, signal }: RewriteParquetOptions,
): Promise<void> {
  await using file = await TemporaryFile.create();
  for await (const chunk of stored) {
    if (file.size + chunk.length > maxBytes)
      throw new FileRejectedError('too_large', `it has more than ${maxBytes} bytes`);
    await file.write(chunk);
  }
  if (file.size === 0) return;
  await assertParquet(file);
  const reader = await openReader();
  await reader.read(await file.path(), lines, signal);
}
