import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { openDuckDb } from './open-duckdb.ts';

/**
 * The one DuckDB with which a process writes Parquet. One for all windows: opening another for each would cost more than
 * a window of few rows, and what all of them hold at once is bounded here, in memory as on disk.
 */
export interface SharedDuckDb {
  /** A connection with temporary tables of its own; whoever asked for it closes it. */
  connect(): Promise<DuckDBConnection>;
  /** A path that nobody else uses. What stands there is gone at the latest when this is closed. */
  freshPath(suffix: string): string;
  /** Does work that holds a good part of the memory: two at a time, the others in their order. */
  hold<T>(work: () => Promise<T>): Promise<T>;
  /** Waits for what is held, and gives memory and disk back. */
  close(): Promise<void>;
}

/** So many files are written together, each with a group of rows in memory. */
const HELD_AT_ONCE = 2;

/** Opens it; rows that wait go to a folder of its own where they are more than fits its memory. */
export async function openSharedDuckDb(): Promise<SharedDuckDb> {
  const folder = await mkdtemp(join(tmpdir(), 'hourloom-parquet-'));
  const { database, connection } = await openDuckDb({
    memory_limit: '384MB',
    // Each statement runs in the thread that asks, so that rows keep their order.
    threads: '1',
    temp_directory: join(folder, 'spill'),
    max_temp_directory_size: '16GB',
  });
  connection.closeSync();
  const waiting: (() => void)[] = [];
  let held = 0;
  let whenIdle = (): void => undefined;

  const release = (): void => {
    const next = waiting.shift();
    if (next) return next();
    held -= 1;
    if (held === 0) whenIdle();
  };
  return {
    connect: () => database.connect(),
    freshPath: (suffix) => join(folder, `${randomUUID()}${suffix}`),
    async hold(work) {
      if (held < HELD_AT_ONCE) held += 1;
      else await new Promise<void>((resolve) => void waiting.push(resolve));
      try {
        return await work();
      } finally {
        release();
      }
    },
    async close() {
      if (held > 0) await new Promise<void>((resolve) => void (whenIdle = resolve));
      database.closeSync();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
