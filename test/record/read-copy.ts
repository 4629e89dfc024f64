/** The fields of each row in chunks of COPY BINARY; null where a field is null. Throws where header or trailer lack. */
export function readCopy(chunks: readonly Buffer[]): readonly (readonly (Buffer | null)[])[] {
  const bytes = Buffer.concat(chunks);
  if (bytes.subarray(0, 19).toString('latin1') !== 'PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0') throw new Error('no header');
  const rows: (Buffer | null)[][] = [];
  let at = 19;
  for (;;) {
    const fields = bytes.readInt16BE(at);
    at += 2;
    if (fields === -1) break;
    const row: (Buffer | null)[] = [];
    for (let field = 0; field < fields; field += 1) {
      const size = bytes.readInt32BE(at);
      at += 4;
      row.push(size === -1 ? null : bytes.subarray(at, at + size));
      at += Math.max(size, 0);
    }
    rows.push(row);
  }
  if (at !== bytes.length) throw new Error('more follows after the trailer');
  return rows;
}
