import { randomUUID } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { GetObjectCommand, ListObjectVersionsCommand } from '@aws-sdk/client-s3';
import type { ListObjectVersionsCommandOutput } from '@aws-sdk/client-s3';
import { listObjects } from '../../lake/list-objects.ts';
import type { Lake } from '../../lake/open-lake.ts';
import type { Stack } from '../hour/open-stack.ts';
import { askDuckDb } from '../parquet/read-parquet.ts';

/** Where any of these texts stands, in capital letters or not: all tables, all objects of the lake, all of Temporal's runs. */
export async function findTraces(stack: Stack, texts: readonly string[]): Promise<readonly string[]> {
  const wanted = texts.flatMap((text) => [text, JSON.stringify(text).slice(1, -1)]).map((text) => text.toLowerCase());
  const isIn = (content: string, text: string): boolean =>
    // A number of few digits is part of many a digest; as a value it stands for itself.
    /^\d+$/u.test(text) ? new RegExp(`(?<![\\w.-])${text}(?![\\w.-])`, 'u').test(content) : content.includes(text);
  const traces: string[] = [];
  const look = (where: string, content: string): void => {
    const lower = content.toLowerCase();
    for (const text of wanted) if (isIn(lower, text)) traces.push(`${where}: ${text}`);
  };
  for (const [table, content] of await dumpTables(stack)) look(table, content);
  for (const [key, content] of await readLake(stack)) look(key, content);
  for await (const run of stack.client.workflow.list({ query: `TaskQueue = '${stack.taskQueue}'` })) {
    look(run.workflowId, run.workflowId);
    const history = await stack.client.workflow.getHandle(run.workflowId, run.runId).fetchHistory();
    const json = JSON.stringify(history, (_, value: unknown) => (Buffer.isBuffer(value) ? value.toString() : value));
    const payloads = [...json.matchAll(/"data":"([A-Za-z0-9+/=]+)"/gu)].map(([, data]) =>
      Buffer.from(data ?? '', 'base64').toString(),
    );
    look(`history of ${run.workflowId}`, `${json} ${payloads.join(' ')}`);
  }
  return [...new Set(traces)];
}

async function dumpTables({ warehouse: { sql } }: Stack): Promise<readonly (readonly [string, string])[]> {
  const tables = await sql<{ schema: string; name: string }[]>`
    select schemaname as schema, tablename as name
    from pg_tables
    where schemaname not in ('pg_catalog', 'information_schema')
      and not starts_with(schemaname, 'pg_temp')
      and schemaname not like 'pg\\_temp%'
  `;
  // One after the other: test files share the server, and its connections.
  const dumped: (readonly [string, string])[] = [];
  for (const { schema, name } of tables) {
    const rows = await sql<{ text: string }[]>`select each::text as text from ${sql(schema)}.${sql(name)} as each`;
    dumped.push([`${schema}.${name}`, rows.map(({ text }) => text).join('\n')]);
  }
  return dumped;
}

async function readLake({ lake }: Stack): Promise<readonly (readonly [string, string])[]> {
  const found: (readonly [string, string])[] = [];
  for (const { key, version } of await listEveryVersion(lake)) {
    const which = version === undefined ? {} : { VersionId: version };
    const { Body } = await lake.s3.send(new GetObjectCommand({ Bucket: lake.bucket, Key: key, ...which }));
    const bytes = Buffer.from((await Body?.transformToByteArray()) ?? []);
    const isPacked = bytes[0] === 0x1f && bytes[1] === 0x8b;
    found.push([
      key,
      key.endsWith('.parquet') ? await readRows(bytes) : (isPacked ? gunzipSync(bytes) : bytes).toString('latin1'),
    ]);
  }
  return found;
}

/** All that can be fetched from the bucket: what was deleted too, where it keeps versions. */
async function listEveryVersion(lake: Lake): Promise<readonly { readonly key: string; readonly version?: string }[]> {
  const found: { readonly key: string; readonly version?: string }[] = [];
  for await (const { key } of listObjects(lake, { use: { bucket: lake.bucket, role: 'lake' }, prefix: '' })) {
    found.push({ key });
  }
  let answer: ListObjectVersionsCommandOutput | undefined;
  do {
    const command = new ListObjectVersionsCommand({
      Bucket: lake.bucket,
      KeyMarker: answer?.NextKeyMarker,
      VersionIdMarker: answer?.NextVersionIdMarker,
    });
    answer = await lake.s3.send(command).catch(() => undefined);
    for (const { Key, VersionId } of answer?.Versions ?? []) {
      if (VersionId !== 'null') found.push({ key: Key!, version: VersionId! });
    }
  } while (answer?.IsTruncated === true);
  return found;
}

async function readRows(bytes: Buffer): Promise<string> {
  const path = join(tmpdir(), `traces-${randomUUID()}.parquet`);
  await writeFile(path, bytes);
  try {
    return JSON.stringify(await askDuckDb(`from read_parquet('${path}')`));
  } finally {
    await rm(path);
  }
}
