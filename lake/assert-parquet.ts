import { FileRejectedError } from './file-rejected-error.ts';
import { findForeignText } from './find-foreign-text.ts';
import { startsWith } from './sniff-content.ts';
import type { TemporaryFile } from './temporary-file.ts';

const MAGIC = Buffer.from('PAR1');
const ENCRYPTED_MAGIC = Buffer.from('PARE');
const GZIP_MAGIC = Buffer.from([0x1f, 0x8b]);
/** The magic word at both ends, and the size of the footer. */
const MIN_BYTES = 12;

/** Throws a `FileRejectedError` where a file does not begin and end as Parquet does. */
export async function assertParquet(file: Pick<TemporaryFile, 'size' | 'readAt'>): Promise<void> {
  const head = await file.readAt(0, 256);
  if (startsWith(head, ENCRYPTED_MAGIC)) throw reject('it is encrypted');
  if (!startsWith(head, MAGIC)) {
    const other = startsWith(head, GZIP_MAGIC) ? 'gzip' : findForeignText(head);
    throw reject(other === undefined ? 'it does not begin as Parquet does' : `it is ${other}`);
  }
  const tail = await file.readAt(Math.max(0, file.size - 4), 4);
  if (file.size < MIN_BYTES || !startsWith(tail, MAGIC)) {
    throw reject(
      startsWith(tail, ENCRYPTED_MAGIC) ? 'it is encrypted' : 'it does not end as Parquet does: it is cut short',
    );
  }
}

function reject(detail: string): FileRejectedError {
  return new FileRejectedError('parquet', detail);
}
