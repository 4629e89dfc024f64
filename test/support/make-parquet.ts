import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';

/** Parquet files of what statements give, as DuckDB writes them. */
export async function makeParquets(statements: readonly string[]): Promise<readonly Buffer[]> {
  const folder = await mkdtemp(join(tmpdir(), 'hourloom-parquet-'));
  const database = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await database.connect();
  try {
    const files: Buffer[] = [];
    for (const statement of statements) {
      const path = join(folder, 'made.parquet');
      await connection.run(`copy (${statement}) to '${path}' (format parquet, row_group_size 20000)`);
      files.push(await readFile(path));
    }
    return files;
  } finally {
    connection.closeSync();
    database.closeSync();
    await rm(folder, { recursive: true, force: true });
  }
}
