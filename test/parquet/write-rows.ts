import { openParquetWriter } from '../../lake/open-parquet-writer.ts';
import type { ParquetTable } from '../../lake/open-parquet-writer.ts';
import type { Lake } from '../../lake/open-lake.ts';
import { columnTypeFacts } from '../../record/column-type.ts';
import { CopyStream } from '../../record/copy-stream.ts';
import type { StoredObject } from '../../model/source-object.ts';

/** Writes rows as the Parquet of a table, in chunks of so many. */
export async function writeRows(
  lake: Lake,
  table: ParquetTable,
  rows: Iterable<readonly unknown[]>,
  rowsPerChunk = 5_000,
): Promise<StoredObject> {
  const writer = await openParquetWriter(lake);
  try {
    for (const chunk of encode(table, rows, rowsPerChunk)) await writer.append(table, chunk);
    return await writer.put(table, { prefix: 'tables/test/' });
  } finally {
    await writer.dispose();
  }
}

/** As the record's road writes them. */
function* encode(
  { columns }: ParquetTable,
  rows: Iterable<readonly unknown[]>,
  rowsPerChunk: number,
): Generator<Buffer> {
  const stream = new CopyStream();
  let count = 0;
  for (const row of rows) {
    stream.begin(columns.length);
    for (const [index, { type }] of columns.entries()) {
      if (row[index] === null) stream.row.writeInt32(-1);
      else if (columnTypeFacts(type).write(stream.row, row[index]))
        throw new Error(`${type} cannot hold ${String(row[index])}`);
    }
    stream.keep();
    count += 1;
    if (count % rowsPerChunk === 0) yield stream.take();
  }
  yield stream.finish();
}
