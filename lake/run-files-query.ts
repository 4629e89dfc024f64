import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import type { FilesQuery } from '../model/file-format.ts';
import type { Window } from '../model/window.ts';
import { bindColumns } from './bind-columns.ts';
import { FileRejectedError } from './file-rejected-error.ts';
import { FilesQueryError } from './files-query-error.ts';
import { openDuckDb } from './open-duckdb.ts';
import { quoteName, quoteText } from './quote-sql.ts';
import { readShape } from './read-shape.ts';
import { selectAsJson } from './select-as-json.ts';
import type { Sink } from './spool.ts';

/** A file that a statement reads, by any path that opens it. */
export interface QueriedFile {
  readonly source: string;
  readonly path: string;
}

/** How many rows the files have, and how many of them are the window's. */
export interface RowsRead {
  readonly rows: number;
  readonly inWindow: number;
}

const SETTINGS = {
  // What it may hold; what does not fit goes to a temporary folder.
  memory_limit: '256MB',
  max_temp_directory_size: '16GB',
  threads: '2',
  // Each file is read once.
  enable_external_file_cache: 'false',
} as const;

/** DuckDB, on the files of one window. */
export class FilesQueryRun implements AsyncDisposable {
  readonly #database: DuckDBInstance;
  readonly #connection: DuckDBConnection;
  readonly #folder: string;
  readonly #query: FilesQuery;
  readonly #window: Window;

  private constructor(
    parts: { readonly database: DuckDBInstance; readonly connection: DuckDBConnection; readonly folder: string },
    query: FilesQuery,
    window: Window,
  ) {
    this.#database = parts.database;
    this.#connection = parts.connection;
    this.#folder = parts.folder;
    this.#query = query;
    this.#window = window;
  }

  /** Nothing but these files can be read: what else a statement read could change without anybody seeing it. */
  static async open(query: FilesQuery, window: Window, files: readonly QueriedFile[]): Promise<FilesQueryRun> {
    const folder = await mkdtemp(join(tmpdir(), 'hourloom-query-'));
    const { database, connection } = await openDuckDb({ ...SETTINGS, temp_directory: folder });
    await connection.run("set timezone = 'UTC'");
    await connection.run(`set allowed_paths = [${files.map(({ path }) => quoteText(path)).join(', ')}]`);
    await connection.run('set enable_external_access = false');
    await connection.run('set lock_configuration = true');
    return new FilesQueryRun({ database, connection, folder }, query, window);
  }

  /** The rows of a file as `columns` says; throws a `FileRejectedError` where it lacks one, or has another type there. */
  async bind({ path }: QueriedFile): Promise<string> {
    const table = `read_parquet(${quoteText(path)})`;
    const columns = await readShape(this.#connection, `select * from ${table}`).catch((error: unknown) => {
      throw new FileRejectedError('parquet', explain(error, [path]), { cause: error });
    });
    return `select ${bindColumns(this.#query.columns, columns)} from ${table}`;
  }

  /** Says what rows there are in these tables, which `bind` gave. */
  async count(tables: readonly string[]): Promise<RowsRead> {
    const [rows, inWindow] = [await this.countOf(union(tables)), await this.countOf(this.#inWindow(tables))];
    return { rows, inWindow };
  }

  /** Writes what the statement gives of these tables as lines of JSON. Errors are DuckDB's own. */
  async run(tables: readonly string[], lines: Sink, signal: AbortSignal | undefined): Promise<void> {
    const connection = this.#connection;
    const interrupt = () => connection.interrupt();
    signal?.addEventListener('abort', interrupt, { once: true });
    try {
      signal?.throwIfAborted();
      await connection.run(`create or replace temp view files as ${this.#inWindow(tables)}`);
      const columns = await readShape(connection, this.#query.statement);
      const result = await connection.stream(`select ${selectAsJson(columns)} from (${this.#query.statement}\n)`);
      for (;;) {
        const chunk = await result.fetchChunk();
        signal?.throwIfAborted();
        if (!chunk || chunk.rowCount === 0) return;
        await lines.write(Buffer.from(`${chunk.getColumnValues(0).join('\n')}\n`));
      }
    } finally {
      signal?.removeEventListener('abort', interrupt);
    }
  }

  async countOf(table: string): Promise<number> {
    const reader = await this.#connection.runAndReadAll(`select count(*) from (${table})`);
    return Number(reader.getRows()[0]?.[0]);
  }

  #inWindow(tables: readonly string[]): string {
    const all = union(tables);
    const { time } = this.#query;
    if (time === undefined) return all;
    const [start, end] = [this.#window.start, this.#window.end].map((at) => `make_timestamp(${at * 1_000})`);
    return `select * from (${all}) where ${quoteName(time)} >= ${start} and ${quoteName(time)} < ${end}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#connection.closeSync();
    this.#database.closeSync();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** Whether an error of DuckDB's lies in what a file holds, and not in the statement or in want of room. */
export function isFileAtFault(error: unknown): boolean {
  const text = error instanceof Error ? error.message : String(error);
  return (
    !/^(?:Binder|Parser|Catalog|Syntax|Out of Memory|INTERRUPT|Permission|Internal)/u.test(text) &&
    !/No space/u.test(text)
  );
}

/** Says of a statement that it cannot be run, whatever the files hold. */
export function explainQuery(error: unknown, files: readonly QueriedFile[]): FilesQueryError {
  return new FilesQueryError(
    explain(
      error,
      files.map(({ path }) => path),
    ),
    { cause: error },
  );
}

/** The first line of what DuckDB says, without the temporary files' names. */
export function explain(error: unknown, paths: readonly string[]): string {
  const [first = ''] = String(error instanceof Error ? error.message : error).split('\n');
  return paths.reduce((text, path) => text.replaceAll(path, 'the file'), first);
}

function union(tables: readonly string[]): string {
  return tables.join(' union all ');
}
