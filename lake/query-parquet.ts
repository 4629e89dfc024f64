import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pipeline as pipe } from 'node:stream/promises';
import { StatementType } from '@duckdb/node-api';
import type { DuckDBConnection, Json } from '@duckdb/node-api';
import type { AssetKey } from '../model/asset-key.ts';
import type { ColumnSpec } from '../model/column.ts';
import { hiveParts } from '../model/hive-layout.ts';
import type { StoredObject } from '../model/source-object.ts';
import { TerminalError } from '../model/terminal-error.ts';
import type { WindowKind } from '../model/window.ts';
import { columnTypeFacts } from '../record/column-type.ts';
import { quoteAlways } from '../record/identifier.ts';
import { openDuckDb } from './open-duckdb.ts';
import type { Lake } from './open-lake.ts';
import { readStored } from './read-stored.ts';

/** A table that can be asked of, and how to find the files that are its current ones. */
export interface LakeTable {
  readonly asset: AssetKey;
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly Pick<ColumnSpec, 'name' | 'type'>[];
  readonly kind: WindowKind;
  /** Called only where the statement reads the table. */
  readonly findFiles: () => Promise<readonly StoredObject[]>;
}

export interface LakeQuery {
  readonly text: string;
  readonly tables: readonly LakeTable[];
  readonly maxRows: number;
  /** Of all files that the statement reads. */
  readonly maxBytes: number;
  readonly timeoutMs?: number;
}

export interface LakeAnswer {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Json[])[];
  readonly truncated: boolean;
}

/** The statement is none that reads, or DuckDB refuses it, or what it reads is too much. */
export class LakeQueryError extends TerminalError {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'LakeQueryError';
  }
}

const DEFAULT_TIMEOUT_MS = 30_000;
const DOWNLOADS_AT_ONCE = 8;
const READS: ReadonlySet<StatementType> = new Set([StatementType.SELECT, StatementType.EXPLAIN]);

/**
 * Runs one reading statement over the files that the ledger says are current, by DuckDB. Each table is a view under its
 * own name, with the columns that the folders tell. The files are fetched, verified, into a folder that is gone
 * afterwards; the statement can reach nothing else, and writes nothing.
 */
export async function queryParquet(
  lake: Lake,
  { text, tables, maxRows, maxBytes, timeoutMs = DEFAULT_TIMEOUT_MS }: LakeQuery,
): Promise<LakeAnswer> {
  const folder = await mkdtemp(join(tmpdir(), 'hourloom-query-'));
  const { database, connection } = await openDuckDb({
    memory_limit: '512MB',
    threads: '2',
    temp_directory: join(folder, 'spill'),
    max_temp_directory_size: '4GB',
  });
  let timer: NodeJS.Timeout | undefined;
  try {
    const read = findRead(connection, text, tables);
    await addViews(lake, connection, read, { folder, maxBytes });
    await connection.run(`set TimeZone = 'UTC'`);
    await connection.run(`set allowed_directories = ['${folder}']`);
    await connection.run('set enable_external_access = false');
    await connection.run('set lock_configuration = true');
    timer = setTimeout(() => connection.interrupt(), timeoutMs);
    return await runReading(connection, text, maxRows);
  } finally {
    clearTimeout(timer);
    connection.closeSync();
    database.closeSync();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Those tables that the statement names. */
function findRead(connection: DuckDBConnection, text: string, tables: readonly LakeTable[]): readonly LakeTable[] {
  const names = explain(() => connection.getTableNames(text, true)).map((name) =>
    name
      .replace(/ AS .*$/u, '')
      .replaceAll('"', '')
      .toLowerCase(),
  );
  return tables.filter(({ schema, name }) => names.includes(`${schema}.${name}`));
}

async function addViews(
  lake: Lake,
  connection: DuckDBConnection,
  tables: readonly LakeTable[],
  { folder, maxBytes }: { readonly folder: string; readonly maxBytes: number },
): Promise<void> {
  let bytes = 0;
  for (const table of tables) {
    const files = await table.findFiles();
    bytes += files.reduce((sum, { size }) => sum + size, 0);
    if (bytes > maxBytes) {
      throw new LakeQueryError(
        `The statement reads ${Math.ceil(bytes / 1e6)} MB of Parquet, and at most ${Math.floor(maxBytes / 1e6)} MB are fetched. Read fewer windows with --from and --to.`,
      );
    }
    const waiting = files.values();
    const fetchNext = async () => {
      for (const file of waiting) await fetchFile(lake, file, folder);
    };
    await Promise.all(Array.from({ length: DOWNLOADS_AT_ONCE }, fetchNext));
    await connection.run(`create schema if not exists ${quoteAlways(table.schema)}`);
    await connection.run(viewStatement(table, folder, files));
  }
}

async function fetchFile(lake: Lake, file: StoredObject, folder: string): Promise<void> {
  const path = join(folder, file.key);
  await mkdir(dirname(path), { recursive: true });
  await pipe(readStored(lake, file), createWriteStream(path));
}

/** Declared columns are there even where no file has them yet. */
function viewStatement(
  { schema, name, columns, kind }: LakeTable,
  folder: string,
  files: readonly StoredObject[],
): string {
  const parts = hiveParts(kind);
  const declared = [
    ...columns.map((column) => `null::${columnTypeFacts(column.type).duckdb} as ${quoteAlways(column.name)}`),
    ...parts.map((part) => `null::integer as ${quoteAlways(part)}`),
  ].join(', ');
  const paths = files.map(({ key }) => `'${join(folder, key)}'`).join(', ');
  const types = parts.map((part) => `'${part}': integer`).join(', ');
  const stored =
    files.length === 0
      ? ''
      : ` union all by name select * from read_parquet([${paths}], union_by_name = true, hive_partitioning = true, hive_types = {${types}})`;
  return `create view ${quoteAlways(schema)}.${quoteAlways(name)} as select ${declared} where false${stored}`;
}

async function runReading(connection: DuckDBConnection, text: string, maxRows: number): Promise<LakeAnswer> {
  const statements = await explainAsync(connection.extractStatements(text));
  if (statements.count !== 1) throw notReading();
  const prepared = await explainAsync(statements.prepare(0));
  if (!READS.has(prepared.statementType)) throw notReading();
  const reader = await explainAsync(prepared.streamAndReadUntil(maxRows + 1));
  const rows = reader.getRowsJson();
  return {
    columns: reader.deduplicatedColumnNames(),
    rows: rows.slice(0, maxRows),
    truncated: rows.length > maxRows,
  };
}

function notReading(): LakeQueryError {
  return new LakeQueryError('Only one statement that reads can be asked: begin it with select, with, from or explain.');
}

function explain<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw refused(error);
  }
}

async function explainAsync<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw refused(error);
  }
}

function refused(error: unknown): LakeQueryError {
  const [first = ''] = String(error instanceof Error ? error.message : error).split('\n');
  if (first.startsWith('INTERRUPT')) {
    return new LakeQueryError('The statement took longer than 30 seconds and was ended. Add a condition or a limit.', {
      cause: error,
    });
  }
  return new LakeQueryError(`DuckDB refused the statement: ${first}`, { cause: error });
}
