import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBDataChunk } from '@duckdb/node-api';
import type { DuckDBAppender, DuckDBConnection, DuckDBValue } from '@duckdb/node-api';
import type { ColumnSpec } from '../model/column.ts';
import type { StoredObject } from '../model/source-object.ts';
import { TerminalError } from '../model/terminal-error.ts';
import { columnTypeFacts } from '../record/column-type.ts';
import { CopyFields, NULL_SIZE } from '../record/copy-fields.ts';
import { quoteAlways } from '../record/identifier.ts';
import { openDuckDb } from './open-duckdb.ts';
import type { Lake } from './open-lake.ts';
import { parquetColumn } from './parquet-column.ts';
import type { ParquetColumn } from './parquet-column.ts';
import { putContentAddressed } from './put-content-addressed.ts';

/** A table that is written as Parquet. */
export interface ParquetTable {
  readonly name: string;
  readonly columns: readonly Pick<ColumnSpec, 'name' | 'type'>[];
}

/** Where a table's file goes, and until when it is wanted. */
export interface ParquetPut {
  /** The partition's folder: `parquetPrefix(…)`. */
  readonly prefix: string;
  readonly signal?: AbortSignal | undefined;
}

/** DuckDB holds 2,048 rows at least while it writes, and these do not fit. */
export class ParquetTooWideError extends TerminalError {
  constructor(table: string, options?: ErrorOptions) {
    super(
      `The rows of "${table}" are too large to be written as Parquet. Leave large columns out, or parquet: true.`,
      options,
    );
    this.name = 'ParquetTooWideError';
  }
}

/** Rows of several tables on their way to one Parquet file each. */
export interface ParquetWriter {
  /** Takes the next rows of a table: a chunk of COPY BINARY, as the record's road hands it over. */
  append(table: ParquetTable, chunk: Buffer): Promise<void>;
  /** Puts a table's rows under `<prefix><sha256>.parquet`. Once for each table, when all of its rows are there. */
  put(lake: Lake, table: ParquetTable, to: ParquetPut): Promise<StoredObject>;
  /** Gives memory and disk back. Safe to call twice. */
  dispose(): Promise<void>;
}

/** DuckDB's own: a vector holds no more. */
const ROWS_PER_CHUNK = 2_048;
/** Rows may have a megabyte each, so that they are counted by their bytes too. */
const CHUNK_BYTES = 2 * 1024 * 1024;
const MAX_GROUP_ROWS = 122_880;
/** A group of rows is held whole while it is written. */
const GROUP_BYTES = 32 * 1024 * 1024;

/**
 * The one place that makes Parquet, by DuckDB, which is loaded with it: import this where there are rows to write, and
 * not before. Rows wait in DuckDB's memory up to its limit and then on disk, so that a window of any size can be written.
 * The same rows give the same bytes: one thread, and the order in which they came.
 */
export async function openParquetWriter(): Promise<ParquetWriter> {
  const folder = await mkdtemp(join(tmpdir(), 'hourloom-parquet-'));
  const { database, connection } = await openDuckDb({
    memory_limit: '384MB',
    threads: '1',
    temp_directory: join(folder, 'spill'),
  });
  const tables = new Map<string, WaitingRows>();
  let disposed = false;
  let writing: Promise<void> = Promise.resolve();
  return {
    async append(table, chunk) {
      const rows = tables.get(table.name) ?? (await WaitingRows.open(connection, table));
      tables.set(table.name, rows);
      rows.append(chunk);
    },
    async put(lake, table, { prefix, signal }) {
      const rows = tables.get(table.name);
      if (!rows) throw new RangeError(`No rows came for "${table.name}". Please report this as a bug.`);
      const path = join(folder, `${table.name}.parquet`);
      writing = writing.then(() => rows.write(connection, path));
      await writing;
      return putContentAddressed(lake, {
        prefix,
        suffix: '.parquet',
        signal,
        async write(sink) {
          for await (const chunk of createReadStream(path)) await sink.write(chunk as Buffer);
        },
      });
    },
    async dispose() {
      if (disposed) return;
      disposed = true;
      await writing.catch(() => undefined);
      for (const rows of tables.values()) rows.close();
      connection.closeSync();
      database.closeSync();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function isOutOfMemory(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('Out of Memory');
}

/** The rows of one table within DuckDB. */
class WaitingRows {
  readonly #table: string;
  readonly #columns: readonly ParquetColumn[];
  readonly #appender: DuckDBAppender;
  readonly #chunk: DuckDBDataChunk;
  readonly #fields: CopyFields;
  /** What the next vectors will hold, column by column. */
  readonly #values: DuckDBValue[][];
  #waitingBytes = 0;
  #unflushedBytes = 0;
  #rows = 0;
  #bytes = 0;
  #closed = false;

  private constructor(table: ParquetTable, appender: DuckDBAppender) {
    this.#table = table.name;
    this.#columns = table.columns.map(({ type }) => parquetColumn(type));
    this.#appender = appender;
    this.#chunk = DuckDBDataChunk.create(this.#columns.map(({ type }) => type));
    this.#fields = new CopyFields(this.#columns.length);
    this.#values = this.#columns.map(() => []);
  }

  static async open(connection: DuckDBConnection, table: ParquetTable): Promise<WaitingRows> {
    const columns = table.columns.map(({ name, type }) => `${quoteAlways(name)} ${columnTypeFacts(type).duckdb}`);
    await connection.run(`create table ${quoteAlways(table.name)} (${columns.join(', ')})`);
    return new WaitingRows(table, await connection.createAppender(table.name));
  }

  append(chunk: Buffer): void {
    const columns = this.#columns;
    const values = this.#values;
    for (const { starts, sizes } of this.#fields.read(chunk)) {
      this.#rows += 1;
      for (let column = 0; column < columns.length; column += 1) {
        const size = sizes[column]!;
        this.#waitingBytes += Math.max(size, 1);
        values[column]!.push(size === NULL_SIZE ? null : columns[column]!.read(chunk, starts[column]!, size));
      }
      if (values[0]!.length === ROWS_PER_CHUNK || this.#waitingBytes >= CHUNK_BYTES) this.#flush();
    }
  }

  /** Writes all rows into a file. */
  async write(connection: DuckDBConnection, path: string): Promise<void> {
    this.#flush();
    this.close();
    const table = quoteAlways(this.#table);
    const rowsPerGroup = Math.max(1, Math.min(MAX_GROUP_ROWS, Math.floor((GROUP_BYTES * this.#rows) / this.#bytes)));
    const copying = connection.run(
      `copy ${table} to '${path}' (format parquet, compression zstd, row_group_size ${rowsPerGroup})`,
    );
    await copying.catch((error: unknown) => {
      throw isOutOfMemory(error) ? new ParquetTooWideError(this.#table, { cause: error }) : error;
    });
    await connection.run(`drop table ${table}`);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#appender.closeSync();
  }

  #flush(): void {
    if (this.#values[0]!.length === 0) return;
    this.#chunk.reset();
    this.#chunk.setColumns(this.#values);
    this.#appender.appendDataChunk(this.#chunk);
    for (const column of this.#values) column.length = 0;
    this.#bytes += this.#waitingBytes;
    this.#unflushedBytes += this.#waitingBytes;
    // The appender counts rows alone.
    if (this.#unflushedBytes >= GROUP_BYTES) {
      this.#appender.flushSync();
      this.#unflushedBytes = 0;
    }
    this.#waitingBytes = 0;
  }
}
