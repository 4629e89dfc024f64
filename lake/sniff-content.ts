import type { FileReason } from '../model/file-reason.ts';

/** So many first bytes decide what a file is. */
export const HEAD_BYTES = 16;

/** What a file's first bytes say it is; a `FileReason` where we cannot read such files. */
export type ContentKind = 'gzip' | 'text' | Extract<FileReason, 'encoding' | 'format'>;

/** Beginnings that no text has. */
const FORMATS = [
  'PAR1', // Parquet
  'BZh', // bzip2
  'Obj\x01', // Avro
  'PK\x03\x04', // zip
  '\x28\xb5\x2f\xfd', // zstd
  '\x04\x22\x4d\x18', // lz4
  '\xfd7zXZ\x00', // xz
].map((magic) => Buffer.from(magic, 'latin1'));

const BYTE_ORDER_MARKS = ['\xff\xfe', '\xfe\xff', '\x00\x00\xfe\xff'].map((mark) => Buffer.from(mark, 'latin1'));

/** UTF-8's own mark: allowed once at a file's beginning, where it means nothing. */
export const UTF8_MARK = Buffer.from('\xef\xbb\xbf', 'latin1');

/** Decides by content, never by name: `.json` files may be gzip and `.gz` files may be plain. */
export function sniffContent(head: Buffer): ContentKind {
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
  if (FORMATS.some((magic) => startsWith(head, magic))) return 'format';
  if (BYTE_ORDER_MARKS.some((mark) => startsWith(head, mark)) || isWideText(head)) return 'encoding';
  return 'text';
}

/** True where `head` begins with all of `magic`. */
export function startsWith(head: Buffer, magic: Buffer): boolean {
  return head.length >= magic.length && head.subarray(0, magic.length).equals(magic);
}

/** Text begins with two ASCII characters; in UTF-16 and UTF-32 the NULs beside them show the width and the order. */
function isWideText([one, two, three, four]: Buffer): boolean {
  if (four === undefined) return false;
  const nuls =
    (one === 0 ? 0b1000 : 0) | (two === 0 ? 0b0100 : 0) | (three === 0 ? 0b0010 : 0) | (four === 0 ? 0b0001 : 0);
  return nuls === 0b0101 || nuls === 0b1010 || nuls === 0b0111 || nuls === 0b1110;
}
