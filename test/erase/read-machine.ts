import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Client } from '@temporalio/client';
import type { MachineAddresses } from '../../local/machine-file.ts';
import { machineFolder } from '../../local/machine-folder.ts';
import { openWarehouse } from '../../warehouse/open-warehouse.ts';
import { askDuckDb } from '../parquet/read-parquet.ts';
import type { Searched } from './person-search.ts';

/** SQLite's, which Temporal's database leaves as it is. */
const PAGE_BYTES = 4_096;
/** An overflow page begins with the number of the next one. */
const PAGE_LINK_BYTES = 4;

/** Every table of the warehouse with all of its rows as a dump has them, and what Postgres notes of their values. */
export async function* dumpWarehouse({ databaseUrl }: MachineAddresses): AsyncGenerator<Searched> {
  const warehouse = openWarehouse({ url: databaseUrl, maxConnections: 1, applicationName: 'search' });
  const { sql } = warehouse;
  try {
    const tables = await sql<{ schema: string; name: string }[]>`
      select schemaname as schema, tablename as name
      from pg_tables
      where schemaname <> 'information_schema'
        and schemaname !~ '^pg_(?:toast|temp)'
      union all
      select 'pg_catalog', view.name
      from (values ('pg_stats'), ('pg_stats_ext_exprs'), ('pg_prepared_statements')) as view (name)
    `;
    for (const { schema, name } of tables) {
      const rows = await sql<{ row: string }[]>`select each::text as row from ${sql(schema)}.${sql(name)} as each`;
      yield { where: `table ${schema}.${name}`, bytes: Buffer.from(rows.map(({ row }) => row).join('\n')) };
    }
    const statements = await sql<{ query: string }[]>`
      select query from pg_stat_activity where query is not null and pid <> pg_backend_pid()
    `;
    yield { where: 'statements', bytes: Buffer.from(statements.map(({ query }) => query).join('\n')) };
  } finally {
    await warehouse.close();
  }
}

/** Every file that the object store keeps but those of the source, unpacked. */
export async function* readLake(folder: string, source: string): AsyncGenerator<Searched> {
  const { objects } = machineFolder(folder);
  for await (const { where, bytes } of readFolder(objects)) {
    if (where.startsWith(`${source}/`)) continue;
    yield { where: `lake ${where}`, bytes: await unpack(join(objects, where), bytes) };
  }
}

/**
 * The files of Temporal's database. What is longer than a page is cut there by a link to the next one, so each comes twice:
 * as it is, and without these links.
 */
export async function* readTemporalFiles(folder: string): AsyncGenerator<Searched> {
  for await (const { where, bytes } of readFolder(machineFolder(folder).temporal)) {
    yield { where: `Temporal ${where}`, bytes };
    const pages: Buffer[] = [];
    for (let at = 0; at < bytes.length; at += PAGE_BYTES) {
      pages.push(bytes.subarray(at + PAGE_LINK_BYTES, at + PAGE_BYTES));
    }
    yield { where: `Temporal ${where} without links`, bytes: Buffer.concat(pages) };
  }
}

/** All runs of these types that Temporal knows: their ids, and all that their histories hold, payloads as they read. */
export async function* readHistories(client: Client, types: readonly string[]): AsyncGenerator<Searched> {
  const query = `WorkflowType in (${types.map((type) => `'${type}'`).join(', ')})`;
  for await (const { workflowId, runId } of client.workflow.list({ query })) {
    const json = JSON.stringify(await client.workflow.getHandle(workflowId, runId).fetchHistory());
    const payloads = [...json.matchAll(/"data":"([A-Za-z0-9+/=]+)"/gu)].map(([, data = '']) =>
      Buffer.from(data, 'base64').toString(),
    );
    yield { where: `history of ${workflowId}`, bytes: Buffer.from([workflowId, json, ...payloads].join('\n')) };
  }
}

/** What the worker, the servers and their supervisor said. */
export async function* readLogs(folder: string): AsyncGenerator<Searched> {
  for await (const { where, bytes } of readFolder(machineFolder(folder).logs)) yield { where: `log ${where}`, bytes };
}

async function* readFolder(folder: string): AsyncGenerator<Searched> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const entry of entries.filter((each) => each.isFile())) {
    const path = join(entry.parentPath ?? entry.path, entry.name);
    // The servers work on: a file may be gone in the meantime.
    const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (bytes) yield { where: relative(folder, path), bytes };
  }
}

async function unpack(path: string, bytes: Buffer): Promise<Buffer> {
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return gunzipSync(bytes);
  if (bytes.subarray(0, 4).toString('latin1') !== 'PAR1') return bytes;
  return Buffer.from(JSON.stringify(await askDuckDb(`select * from read_parquet('${path}')`)));
}
