import { open, unlink } from 'node:fs/promises';
import type { ColumnSpec } from '../model/column.ts';
import type { StoredObject } from '../model/source-object.ts';
import type { Lake } from './open-lake.ts';
import { putContentAddressed } from './put-content-addressed.ts';
import type { Sink } from './spool.ts';
import { WaitingRows } from './waiting-rows.ts';

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

/** Rows of several tables on their way to one Parquet file each. */
export interface ParquetWriter {
  /** Takes the next rows of a table: a chunk of COPY BINARY, as the record's road hands it over. */
  append(table: ParquetTable, chunk: Buffer): Promise<void>;
  /** Puts a table's rows under `<prefix><sha256>.parquet`. Once for each table, when all of its rows are there. */
  put(table: ParquetTable, to: ParquetPut): Promise<StoredObject>;
  /** Gives memory and disk back. Safe to call twice. */
  dispose(): Promise<void>;
}

const READ_BYTES = 1024 * 1024;

/**
 * The one place that makes Parquet, by the lake's DuckDB, which is loaded with it: import this where there are rows to
 * write, and not before. Rows wait in DuckDB's memory up to its limit and then on disk, so that a window of any size can
 * be written. The same rows give the same bytes: one thread, and the order in which they came.
 */
export async function openParquetWriter(lake: Lake): Promise<ParquetWriter> {
  const duckDb = await lake.duckDb();
  const tables = new Map<string, WaitingRows>();
  const writing = new Set<Promise<void>>();
  return {
    async append({ name, columns }, chunk) {
      const rows = tables.get(name) ?? (await WaitingRows.open(duckDb, columns));
      tables.set(name, rows);
      await rows.append(chunk);
    },
    async put({ name }, { prefix, signal }) {
      const rows = tables.get(name);
      if (!rows) throw new RangeError(`No rows came for "${name}". Please report this as a bug.`);
      const path = duckDb.freshPath('.parquet');
      const written = duckDb.hold(() => rows.write(path));
      writing.add(written);
      await written;
      return putContentAddressed(lake, { prefix, suffix: '.parquet', signal, write: (sink) => moveInto(sink, path) });
    },
    async dispose() {
      await Promise.allSettled(writing);
      for (const rows of tables.values()) rows.close();
    },
  };
}

/** Nothing is left of the file, even where the process is killed meanwhile. */
async function moveInto(sink: Sink, path: string): Promise<void> {
  await using file = await open(path);
  await unlink(path);
  const { size } = await file.stat();
  for (let at = 0; at < size;) {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(Math.min(READ_BYTES, size - at)), 0, null, at);
    if (bytesRead === 0)
      throw new Error(`A temporary file ended at byte ${at} of ${size}. Check the disk, then run again.`);
    await sink.write(buffer.subarray(0, bytesRead));
    at += bytesRead;
  }
}
