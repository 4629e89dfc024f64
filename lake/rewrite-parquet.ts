import { randomUUID } from 'node:crypto';
import { open, unlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileRejectedError } from './file-rejected-error.ts';
import { findForeignText } from './find-foreign-text.ts';
import type { ParquetReader } from './open-parquet-reader.ts';
import { startsWith } from './sniff-content.ts';
import type { Sink } from './spool.ts';

export interface RewriteParquetOptions {
  readonly maxBytes: number;
  readonly open: () => Promise<ParquetReader>;
  readonly signal?: AbortSignal | undefined;
}

const MAGIC = Buffer.from('PAR1');
const ENCRYPTED_MAGIC = Buffer.from('PARE');
const GZIP_MAGIC = Buffer.from([0x1f, 0x8b]);
/** The magic word at both ends, and the size of the footer. */
const MIN_BYTES = 12;

/**
 * Rewrites a Parquet file as lines of JSON. DuckDB reads it, from a temporary file without a name: a Parquet file says at
 * its end what is where.
 */
export async function rewriteParquet(
  stored: AsyncIterable<Buffer>,
  lines: Sink,
  { maxBytes, open: openReader, signal }: RewriteParquetOptions,
): Promise<void> {
  const path = join(tmpdir(), `hourloom-${randomUUID()}`);
  const file = await open(path, 'wx+', 0o600);
  try {
    await unlink(path);
    const size = await takeIn(stored, file, maxBytes);
    if (size === 0) return;
    await assertWhole(file, size);
    // On Linux and macOS alike an open file can be opened once more by its number.
    const reader = await openReader();
    await reader.read(`/dev/fd/${file.fd}`, lines, signal);
  } finally {
    await file.close();
  }
}

async function takeIn(stored: AsyncIterable<Buffer>, file: FileHandle, maxBytes: number): Promise<number> {
  let size = 0;
  for await (const chunk of stored) {
    size += chunk.length;
    if (size > maxBytes) throw new FileRejectedError('too_large', `it has more than ${maxBytes} bytes`);
    await file.appendFile(chunk);
  }
  return size;
}

async function assertWhole(file: FileHandle, size: number): Promise<void> {
  const { buffer: head } = await file.read(Buffer.alloc(256), 0, 256, 0);
  if (startsWith(head, ENCRYPTED_MAGIC)) throw reject('it is encrypted');
  if (!startsWith(head, MAGIC)) {
    const other = startsWith(head, GZIP_MAGIC) ? 'gzip' : findForeignText(head);
    throw reject(other === undefined ? 'it does not begin as Parquet does' : `it is ${other}`);
  }
  const { buffer: tail } = await file.read(Buffer.alloc(4), 0, 4, Math.max(0, size - 4));
  if (size < MIN_BYTES || !startsWith(tail, MAGIC)) {
    throw reject(
      startsWith(tail, ENCRYPTED_MAGIC) ? 'it is encrypted' : 'it does not end as Parquet does: it is cut short',
    );
  }
}

function reject(detail: string): FileRejectedError {
  return new FileRejectedError('parquet', detail);
}
