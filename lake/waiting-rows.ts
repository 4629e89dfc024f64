import { DuckDBDataChunk } from '@duckdb/node-api';
import type { DuckDBAppender, DuckDBConnection } from '@duckdb/node-api';
import duckdb from '@duckdb/node-bindings';
import type { Vector } from '@duckdb/node-bindings';
import type { ColumnSpec } from '../model/column.ts';
import { CopyFields, NULL_SIZE } from '../record/copy-fields.ts';
import { quoteAlways } from '../record/identifier.ts';
import type { SharedDuckDb } from './open-shared-duckdb.ts';
import { parquetColumn } from './parquet-column.ts';
import { VECTOR_ROWS, VectorValues } from './vector-values.ts';

const MEBIBYTE = 1024 * 1024;
/** Rows may have a megabyte each, so that they are counted by their bytes too. */
const CHUNK_BYTES = 2 * MEBIBYTE;
/** What an appender holds before its rows are in their table, from where they can go to disk. It counts rows alone. */
const UNFLUSHED_BYTES = 8 * MEBIBYTE;
/** Reading a table gives 2,048 of its rows at once, however large they are. */
const VECTOR_BYTES = 16 * MEBIBYTE;
/** A group of rows is held whole while it is written. */
const GROUP_BYTES = 32 * MEBIBYTE;
const MAX_GROUP_ROWS = 122_880;

/** A table of DuckDB with some of the rows. */
interface Part {
  readonly name: string;
  rows: number;
  /** Of the rows that reading it gives together with its last. */
  vectorBytes: number;
  unflushedBytes: number;
}

/**
 * The rows of one table within DuckDB until all of them are there. They lie in one table where 2,048 of them are no more
 * than 16 MB, else in as many as that takes: so rows of any size are written in bounded memory.
 */
export class WaitingRows {
  readonly #connection: DuckDBConnection;
  readonly #columns: readonly Pick<ColumnSpec, 'name' | 'type'>[];
  readonly #values: readonly VectorValues[];
  readonly #chunk: DuckDBDataChunk;
  readonly #vectors: readonly Vector[];
  readonly #fields: CopyFields;
  readonly #parts: Part[] = [];
  /** Of the last part. */
  #appender: DuckDBAppender | undefined;
  /** Of the rows that wait for a chunk to be full. */
  #count = 0;
  #bytes = 0;
  /** The most bytes that rows of a chunk have on average. */
  #widest = 1;
  #closed = false;

  private constructor(connection: DuckDBConnection, columns: readonly Pick<ColumnSpec, 'name' | 'type'>[]) {
    const carried = columns.map(({ type }) => parquetColumn(type));
    this.#connection = connection;
    this.#columns = columns;
    this.#values = carried.map(({ slotBytes, write }) => new VectorValues(slotBytes, write));
    this.#chunk = DuckDBDataChunk.create(carried.map(({ type }) => type));
    this.#vectors = carried.map((_, index) => duckdb.data_chunk_get_vector(this.#chunk.chunk, index));
    this.#fields = new CopyFields(columns.length);
  }

  static async open(duckDb: SharedDuckDb, columns: readonly Pick<ColumnSpec, 'name' | 'type'>[]): Promise<WaitingRows> {
    return new WaitingRows(await duckDb.connect(), columns);
  }

  /** Takes the next rows: a chunk of COPY BINARY, as the record's road hands it over. */
  async append(chunk: Buffer): Promise<void> {
    const values = this.#values;
    for (const { starts, sizes } of this.#fields.read(chunk)) {
      const row = this.#count;
      for (let column = 0; column < values.length; column += 1) {
        const size = sizes[column]!;
        this.#bytes += Math.max(size, 1);
        if (size === NULL_SIZE) values[column]!.setNull(row);
        else values[column]!.set(row, chunk, starts[column]!, size);
      }
      this.#count += 1;
      if (this.#count === VECTOR_ROWS || this.#bytes >= CHUNK_BYTES) await this.#flush();
    }
  }

  /** Writes all rows into a file that is not there yet, and gives their memory back. */
  async write(path: string): Promise<void> {
    await this.#flush();
    this.#closeAppender();
    const written = this.#columns.map(({ name, type }) => {
      const column = quoteAlways(name);
      return type === 'uuid' ? `${column}::varchar as ${column}` : column;
    });
    const rows = this.#parts.map(({ name }) => `select ${written.join(', ')} from ${name}`).join(' union all ');
    const groupRows = Math.max(1, Math.min(MAX_GROUP_ROWS, Math.floor(GROUP_BYTES / this.#widest)));
    await this.#connection.run(
      `copy (${rows}) to '${path}' (format parquet, compression zstd, row_group_size ${groupRows}, use_tmp_file false)`,
    );
    this.close();
  }

  /** Safe to call twice. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#closeAppender();
    // Its temporary tables go with it.
    this.#connection.closeSync();
  }

  #closeAppender(): void {
    const appender = this.#appender;
    this.#appender = undefined;
    appender?.closeSync();
  }

  async #flush(): Promise<void> {
    const [rows, bytes] = [this.#count, this.#bytes];
    if (rows === 0) return;
    const part = await this.#findPart(bytes);
    this.#chunk.rowCount = rows;
    for (const [index, values] of this.#values.entries()) values.moveTo(this.#vectors[index]!, rows);
    this.#appender?.appendDataChunk(this.#chunk);
    this.#chunk.reset();
    this.#count = 0;
    this.#bytes = 0;
    this.#widest = Math.max(this.#widest, bytes / rows);

    const beginsVector = Math.floor((part.rows + rows) / VECTOR_ROWS) > Math.floor(part.rows / VECTOR_ROWS);
    part.rows += rows;
    part.vectorBytes = beginsVector ? bytes : part.vectorBytes + bytes;
    part.unflushedBytes += bytes;
    if (part.unflushedBytes < UNFLUSHED_BYTES) return;
    this.#appender?.flushSync();
    part.unflushedBytes = 0;
  }

  /** The table that takes the next rows. */
  async #findPart(bytes: number): Promise<Part> {
    const last = this.#parts.at(-1);
    if (last && last.vectorBytes + bytes <= VECTOR_BYTES) return last;
    this.#closeAppender();
    const name = `part_${this.#parts.length}`;
    const columns = this.#columns.map(({ name, type }) => `${quoteAlways(name)} ${parquetColumn(type).waitingType}`);
    await this.#connection.run(`create temp table ${name} (${columns.join(', ')})`);
    this.#appender = await this.#connection.createAppender(name);
    const part = { name, rows: 0, vectorBytes: 0, unflushedBytes: 0 };
    this.#parts.push(part);
    return part;
  }
}
