import { gunzipSync } from 'node:zlib';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { listObjects } from '../../lake/list-objects.ts';
import type { Stack } from '../hour/open-stack.ts';

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
  for await (const { key } of listObjects(lake, { use: { bucket: lake.bucket, role: 'lake' }, prefix: '' })) {
    const { Body } = await lake.s3.send(new GetObjectCommand({ Bucket: lake.bucket, Key: key }));
    const bytes = Buffer.from((await Body?.transformToByteArray()) ?? []);
    const plain = bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes;
    found.push([key, plain.toString('latin1')]);
  }
  return found;
}
