import { DuckDBTypeId } from '@duckdb/node-api';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { StoredObject } from '../model/source-object.ts';
import { StoredObjectLostError } from './errors.ts';
import { openDuckDb, READ_ONE_BY_ONE } from './open-duckdb.ts';
import type { Lake } from './open-lake.ts';
import { quoteName, quoteText } from './quote-sql.ts';
import { readStored } from './read-stored.ts';
import type { StoredRead } from './read-stored.ts';
import { readShape } from './read-shape.ts';
import { TemporaryFile } from './temporary-file.ts';

/** The texts of one row of a Parquet object. */
export interface ParquetTexts {
  /** Of the columns that were named, those that are not null. */
  readonly named: readonly string[];
  /** Those of all other columns that have an `@` in them. */
  readonly withAt: readonly string[];
}

export interface ParquetTextsRead extends StoredRead {
  /** Columns that are wanted whatever they hold; those that the object does not have are none. */
  readonly named: ReadonlySet<string>;
  /** Columns that are not wanted. */
  readonly without: ReadonlySet<string>;
}

/** DuckDB, for as many objects as there are, one after the other. */
export interface ParquetTextsReader {
  /** Reads all rows that have any such text, a few thousand at once. */
  read(object: StoredObject, options: ParquetTextsRead): AsyncGenerator<ParquetTexts, void, undefined>;
  close(): void;
}

/** Loads DuckDB: import this where there is Parquet to be looked into, and not before. */
export async function openParquetTexts(lake: Lake): Promise<ParquetTextsReader> {
  const { database, connection } = await openDuckDb(READ_ONE_BY_ONE);
  return {
    async *read(object, { named, without, ...options }) {
      await using file = await TemporaryFile.create();
      for await (const chunk of readStored(lake, object, options)) await file.write(chunk);
      const path = await file.path();
      try {
        yield* streamTexts(connection, path, { named, without, signal: options.signal });
      } catch (error) {
        options.signal?.throwIfAborted();
        const [first = ''] = String(error instanceof Error ? error.message : error).split('\n');
        throw new StoredObjectLostError(object.key, `cannot be read: ${first.replaceAll(path, 'the file')}`, {
          cause: error,
        });
      }
    },
    close() {
      connection.closeSync();
      database.closeSync();
    },
  };
}

async function* streamTexts(
  connection: DuckDBConnection,
  path: string,
  { named, without, signal }: Omit<ParquetTextsRead, 'version'>,
): AsyncGenerator<ParquetTexts, void, undefined> {
  const table = `read_parquet(${quoteText(path)})`;
  const texts = (await readShape(connection, `select * from ${table}`))
    .filter(({ name, type }) => type.typeId === DuckDBTypeId.VARCHAR && !without.has(name))
    .map(({ name }) => name);
  const wanted = [
    ...texts.filter((name) => named.has(name)).map(quoteName),
    ...texts
      .filter((name) => !named.has(name))
      .map((name) => `case when contains(${quoteName(name)}, '@') then ${quoteName(name)} end`),
  ];
  if (wanted.length === 0) return;
  const count = texts.filter((name) => named.has(name)).length;
  const result = await connection.stream(
    `select ${wanted.join(', ')} from ${table} where coalesce(${wanted.join(', ')}) is not null`,
  );
  for (;;) {
    signal?.throwIfAborted();
    const chunk = await result.fetchChunk();
    if (!chunk || chunk.rowCount === 0) return;
    for (const row of chunk.getRows()) {
      const isThere = (value: unknown): value is string => typeof value === 'string';
      yield { named: row.slice(0, count).filter(isThere), withAt: row.slice(count).filter(isThere) };
    }
  }
}
