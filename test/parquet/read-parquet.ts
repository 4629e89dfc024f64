import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { Json } from '@duckdb/node-api';
import { readStored } from '../../lake/read-stored.ts';
import type { Lake } from '../../lake/open-lake.ts';

/** Fetches one Parquet object of the lake into a folder, verified, and returns where it stands. */
export async function fetchParquet(lake: Lake, object: { key: string; size: number }, folder: string): Promise<string> {
  const digest = /\/([0-9a-f]{64})\.parquet$/u.exec(object.key)![1]!;
  const chunks: Buffer[] = [];
  for await (const chunk of readStored(lake, { ...object, digest })) chunks.push(chunk);
  const path = join(folder, `${digest}.parquet`);
  await writeFile(path, Buffer.concat(chunks));
  return path;
}

/** Asks DuckDB one question; rows as JSON, times in UTC. */
export async function askDuckDb(sql: string): Promise<readonly Record<string, Json>[]> {
  const database = await DuckDBInstance.create(':memory:');
  const connection = await database.connect();
  try {
    await connection.run("set TimeZone = 'UTC'");
    return (await connection.runAndReadAll(sql)).getRowObjectsJson();
  } finally {
    connection.closeSync();
    database.closeSync();
  }
}
