import type { DuckDBConnection } from '@duckdb/node-api';
import { FileRejectedError } from './file-rejected-error.ts';
import { openDuckDb, READ_ONE_BY_ONE } from './open-duckdb.ts';
import { readShape } from './read-shape.ts';
import { selectAsJson } from './select-as-json.ts';
import type { Sink } from './spool.ts';

/** DuckDB, for as many files as there are, one after the other. */
export interface ParquetReader {
  /** Writes the rows of a file as lines of JSON, in their order. Throws a `FileRejectedError` where it cannot be read. */
  read(path: string, lines: Sink, signal: AbortSignal | undefined): Promise<void>;
  close(): void;
}

/** The one place that loads DuckDB: it is heavy, so import this where there is a file to read, and not before. */
export async function openParquetReader(): Promise<ParquetReader> {
  const { database, connection } = await openDuckDb(READ_ONE_BY_ONE);
  return {
    read: (path, lines, signal) => streamRows(connection, path, { lines, signal }),
    close() {
      connection.closeSync();
      database.closeSync();
    },
  };
}

async function streamRows(
  connection: DuckDBConnection,
  path: string,
  { lines, signal }: { readonly lines: Sink; readonly signal: AbortSignal | undefined },
): Promise<void> {
  const read = <Result>(reading: Promise<Result>) =>
    reading.catch((error: unknown) => {
      throw new FileRejectedError('parquet', explain(error, path), { cause: error });
    });
  const table = `read_parquet('${path}')`;
  const columns = await read(readShape(connection, `select * from ${table}`));
  const result = await read(connection.stream(`select ${selectAsJson(columns)} from ${table}`));
  for (;;) {
    signal?.throwIfAborted();
    const chunk = await read(result.fetchChunk());
    if (!chunk || chunk.rowCount === 0) return;
    await lines.write(Buffer.from(`${chunk.getColumnValues(0).join('\n')}\n`));
  }
}

/** The first line of what DuckDB says, without the temporary file's name. */
function explain(error: unknown, path: string): string {
  const [first = ''] = String(error instanceof Error ? error.message : error).split('\n');
  return first.replaceAll(path, 'the file');
}
