/** `PGCOPY\n\377\r\n\0`, flags and extension: so many bytes stand before the first row. */
const HEADER_BYTES = 19;
const TRAILER = -1;

/** The bytes of a row's fields; null where a field is null. */
export type CopyRow = readonly (Buffer | null)[];

/**
 * Reads the rows of COPY BINARY whose bytes come in pieces of any size, whatever their columns are. It holds the row that
 * has begun and no more.
 */
export async function* cutCopyRows(pieces: AsyncIterable<Buffer>): AsyncGenerator<CopyRow, void, undefined> {
  let held: Buffer[] = [];
  let size = 0;
  let wanted = HEADER_BYTES;
  let isBegun = false;
  for await (const piece of pieces) {
    held.push(piece);
    size += piece.length;
    if (size < wanted) continue;
    const bytes = Buffer.concat(held, size);
    let at = isBegun ? 0 : HEADER_BYTES;
    isBegun = true;
    for (;;) {
      const row = readRow(bytes, at);
      if (row === 'end') return;
      if ('wanted' in row) {
        // Waiting for so many keeps a long row from being put together again with each of its pieces.
        wanted = row.wanted;
        break;
      }
      yield row.fields;
      at = row.end;
    }
    held = [bytes.subarray(at)];
    size = bytes.length - at;
  }
}

/** The row that begins there; how many bytes from there on are wanted where it has not come yet. */
function readRow(
  bytes: Buffer,
  start: number,
): { readonly fields: CopyRow; readonly end: number } | { readonly wanted: number } | 'end' {
  if (bytes.length < start + 2) return { wanted: 2 };
  const count = bytes.readInt16BE(start);
  if (count === TRAILER) return 'end';
  const fields: (Buffer | null)[] = [];
  let at = start + 2;
  for (let field = 0; field < count; field += 1) {
    if (bytes.length < at + 4) return { wanted: at + 4 - start };
    const size = bytes.readInt32BE(at);
    at += 4;
    if (bytes.length < at + Math.max(size, 0)) return { wanted: at + size - start };
    fields.push(size < 0 ? null : bytes.subarray(at, at + size));
    at += Math.max(size, 0);
  }
  return { fields, end: at };
}
