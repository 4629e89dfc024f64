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
