import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, test } from 'vitest';
import { startErase } from '../../client/start-erase.ts';
import { insertErasure } from '../../warehouse/insert-erasure.ts';
import { readErasure } from '../../warehouse/read-erasures.ts';
import { openPostgresProxy } from '../faults/open-postgres-proxy.ts';
import type { StopAt } from '../faults/stand-still.ts';
import { bundleWorkflows, definitionOf, openStack } from '../hour/open-stack.ts';
import type { Stack } from '../hour/open-stack.ts';
import { services } from '../support/services.ts';
import { createWorker } from '../../worker/create-worker.ts';
import { findTraces } from './find-traces.ts';
import { ANNA, customerLine, orderLine, shopIn } from './shop.ts';
import type { ErasingWorkerInput } from './worker.ts';

const KEY = { id: 'k1', secret: 'a-secret-of-the-tests-with-some-length' };
const FIRST = Date.parse('2026-01-01T00:00:00Z');
const HOUR_MS = 3_600_000;
const HOURS = 3;
const BOB = { ...ANNA, id: '00012', name: 'Bob Other', email: 'bob@example.org', street: '2 Hill' };
const HERS = [ANNA.name, ANNA.email, ANNA.street, ANNA.id];
/** A dead worker is noticed after 12 s of silence; the rest is the work itself, on a busy machine. */
const TIMEOUT_MS = 180_000;

let folder: string;
let workflowBundlePath: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hourloom-killed-erasures-'));
  workflowBundlePath = join(folder, 'workflow-bundle.js');
  await writeFile(workflowBundlePath, (await bundleWorkflows()).code);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Kill {
  readonly place: string;
  readonly name: string;
  readonly stopAt?: StopAt;
}

const KILLS: readonly Kill[] = [
  { place: 'before the first changed object', name: 'before_put', stopAt: { operation: 'put', keyPrefix: 'raw/' } },
  { place: 'while a window is loaded anew', name: 'in_load', stopAt: { operation: 'get', keyPrefix: 'staged/' } },
  { place: 'between COMMIT and its answer', name: 'at_commit' },
  {
    place: 'between two deletions of copies',
    name: 'between_deletions',
    stopAt: { operation: 'delete', keyPrefix: 'staged/', passing: 1 },
  },
  {
    place: 'before the old object is deleted',
    name: 'before_delete',
    stopAt: { operation: 'delete', keyPrefix: 'raw/' },
  },
  {
    place: 'when one window is done and another not quite',
    name: 'second_window',
    stopAt: { operation: 'delete', keyPrefix: 'raw/', passing: 1 },
  },
];

test.concurrent.for(KILLS)(
  'an erasure whose worker is killed $place goes on until nothing is found',
  { timeout: TIMEOUT_MS },
  async ({ name, stopAt }, { expect }) => {
    const bucket = `killed-${randomUUID().slice(0, 8)}`;
    const stack = await openStack(shopIn(bucket, { name: `killed_${name}` }), { worker: false });
    const said: string[] = [];
    const startDoomed = (own: Own) => forkWorker(stack, { pipeline: `killed_${name}`, bucket, said, ...own });
    const first = await startWorker(stack, bucket, `killed_${name}`);
    await stack.feed(listFiles());
    for (let hour = 0; hour < HOURS; hour += 1) await stack.run(FIRST + hour * HOUR_MS);
    await first.stop();
    const before = await readTotals(stack, `killed_${name}`);
    expect(before).toEqual({
      customers: 5,
      orders: 5,
      amount: '51.25',
      deliveries: 5,
      joined: 13,
      loads: 3,
      unseen: 0,
    });

    const { id, result } = await startErasure(stack, `killed_${name}`);
    await killAt(stack, startDoomed, stopAt);
    expect(await findTraces(stack, HERS)).not.toEqual([]);
    const next = await startWorker(stack, bucket, `killed_${name}`);
    await result();
    await next.stop();

    expect(await findTraces(stack, HERS)).toEqual([]);
    expect(HERS.filter((text) => said.join('').includes(text))).toEqual([]);
    expect(await readTotals(stack, `killed_${name}`)).toEqual(before);
    expect(await readErasure(stack.warehouse.sql, id)).toMatchObject({
      state: 'done',
      preview: { objects: 2, windows: 2, lines: 4, rows: 2, quarantined: 2 },
      proof: { objects: 0, lines: 0, windows: 0, rows: 0, quarantined: 0 },
    });
    const steps = await stack.warehouse.sql`
      select step, count(*)::int from hourloom.erasure_audit where erasure = ${id} and step <> 'hour' group by step
    `;
    expect(steps.toSorted((a, b) => (a['step'] < b['step'] ? -1 : 1))).toEqual(
      ['asked', 'done', 'preview', 'suppressed'].map((step) => ({ step, count: 1 })),
    );
    await stack.close();
  },
);

/** Two hours in which she bought, and one between them in which she did not. */
function listFiles(): readonly { readonly key: string; readonly body: string }[] {
  const file = (hour: number, lines: readonly string[]) => ({
    key: `2026-01-01-0${hour}.jsonl`,
    body: lines.join('\n'),
  });
  const withHer = (hour: number) =>
    file(hour, [
      customerLine(ANNA),
      customerLine(BOB),
      orderLine(`o${hour}1`, ANNA),
      orderLine(`o${hour}2`, BOB),
      customerLine(ANNA, { name: 7 }),
    ]);
  return [withHer(0), file(1, [customerLine(BOB), orderLine('o11', BOB)]), withHer(2)];
}

type Own = { readonly stopAt?: StopAt | undefined; readonly databaseUrl?: string };

/** Starts a worker and kills it where it stands still, or where its first commit of rows is done and nobody told it. */
async function killAt(
  stack: Stack,
  startDoomed: (own: Own) => ChildProcess,
  stopAt: StopAt | undefined,
): Promise<void> {
  if (stopAt) {
    const doomed = startDoomed({ stopAt });
    await message(doomed, 'reached');
    return kill(doomed);
  }
  let onCommitted = () => {};
  const committed = new Promise<void>((resolve) => (onCommitted = resolve));
  const proxy = await openPostgresProxy(stack.databaseUrl, () => onCommitted());
  const doomed = startDoomed({ databaseUrl: proxy.databaseUrl });
  await committed;
  await kill(doomed);
  proxy.close();
}

/** A worker in this process, which ends in order. */
async function startWorker({ lake, warehouse, taskQueue }: Stack, bucket: string, name: string) {
  const shop = definitionOf(shopIn(bucket, { name }));
  const { worker, connection } = await createWorker({
    ...{ lake, warehouse, taskQueue, derived: new Map(), functions: new Map(), erasureKeys: [KEY] },
    pipelines: new Map([[shop.spec.name, shop]]),
    temporalAddress: services().temporalAddress,
    workflows: { workflowBundle: await bundleWorkflows() },
  });
  const running = worker.run();
  return {
    async stop() {
      worker.shutdown();
      await running;
      await connection.close();
    },
  };
}

async function startErasure({ warehouse, client, taskQueue }: Stack, pipeline: string) {
  const id = randomUUID();
  await insertErasure(warehouse.sql, {
    id,
    pipelines: [definitionOf(shopIn('any', { name: pipeline })).spec.name],
    person: [{ kind: 'email', value: ANNA.email }],
    key: KEY,
    executeAt: Date.now(),
    actor: 'test',
  });
  const handle = await startErase(client, { erasure: id, taskQueue });
  return { id, result: () => handle.result() };
}

function forkWorker(
  stack: Stack,
  {
    pipeline,
    bucket,
    said,
    stopAt,
    databaseUrl = stack.databaseUrl,
  }: Own & {
    readonly pipeline: string;
    readonly bucket: string;
    readonly said: string[];
  },
): ChildProcess {
  const { s3, temporalAddress } = services();
  const { endpoint, region, ...credentials } = s3;
  const input: ErasingWorkerInput = {
    pipeline,
    sourceBucket: bucket,
    erasureKey: KEY,
    taskQueue: stack.taskQueue,
    temporalAddress,
    databaseUrl,
    lake: { endpoint, region, credentials, bucket: stack.lakeBucket },
    workflowBundlePath,
    stopAt,
  };
  const program = fileURLToPath(new URL('worker.ts', import.meta.url));
  const worker = fork(program, [JSON.stringify(input)], {
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  for (const stream of [worker.stdout, worker.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => void said.push(text));
  }
  return worker;
}

async function message(worker: ChildProcess, wanted: string): Promise<void> {
  for (;;) {
    const [got] = (await Promise.race([once(worker, 'message'), once(worker, 'exit').then(() => ['exited'])])) as [
      unknown,
    ];
    if (got === wanted) return;
    if (got === 'exited') throw new Error(`The worker ended before it said "${wanted}".`);
  }
}

async function kill(worker: ChildProcess): Promise<void> {
  const ended = once(worker, 'exit');
  worker.kill('SIGKILL');
  await ended;
}

/** What there is, how many loads brought it, and how many rows are of loads that are no longer shown. */
async function readTotals({ warehouse: { sql } }: Stack, schema: string): Promise<object> {
  const [row] = await sql`
    select
      (select count(*)::int from ${sql(schema)}.customers) as customers,
      (select count(*)::int from ${sql(schema)}.orders) as orders,
      (select sum(amount)::text from ${sql(schema)}.orders) as amount,
      (select count(*)::int from ${sql(schema)}.deliveries) as deliveries,
      (
        select count(*)::int
        from ${sql(schema)}.customers
        join ${sql(schema)}.orders on orders.customer_id = customers.id
      ) as joined,
      (select count(distinct load_id)::int from ${sql(schema)}.customers) as loads,
      (
        select count(*)::int
        from ${sql(schema)}.orders
        where load_id not in (select load_id from hourloom.materialization where visible)
      ) as unseen
  `;
  return { ...row };
}
