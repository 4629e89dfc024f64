import { DuckDBInstance } from '@duckdb/node-api';
import type { DuckDBConnection } from '@duckdb/node-api';

/** What one use of DuckDB may take, in DuckDB's own words. */
export interface DuckDbSettings {
  readonly memory_limit: string;
  readonly threads: '1' | '2';
  /** Where it spills to; empty where what does not fit is refused. */
  readonly temp_directory: string;
  readonly max_temp_directory_size?: string;
  readonly enable_external_file_cache?: 'false';
}

/** To read files one after the other, by whoever has nothing to spill: bounded, and in the order of their rows. */
export const READ_ONE_BY_ONE: DuckDbSettings = {
  // What it may hold. Row groups that need more are refused.
  memory_limit: '384MB',
  // The rows stay in the file's order.
  threads: '1',
  // What does not fit is refused, not spilled to a disk that nobody looks after.
  temp_directory: '',
  // The next file may stand under the same path.
  enable_external_file_cache: 'false',
};

export interface OpenedDuckDb {
  readonly database: DuckDBInstance;
  readonly connection: DuckDBConnection;
}

/**
 * Opens a DuckDB of its own in memory, which gets no extensions from anywhere. It is heavy: import what calls this where
 * there is work for it, and not before.
 */
export async function openDuckDb(settings: DuckDbSettings): Promise<OpenedDuckDb> {
  const database = await DuckDBInstance.create(':memory:', {
    ...settings,
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  });
  return { database, connection: await database.connect() };
}
