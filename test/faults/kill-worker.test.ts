import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, test } from 'vitest';
import { deleteObjects } from '../hour/delete-objects.ts';
import { bundleWorkflows, openStack } from '../hour/open-stack.ts';
import type { Stack } from '../hour/open-stack.ts';
import { makeReadings, makeTelemetry } from '../hour/telemetry.ts';
import { services } from '../support/services.ts';
import { openPostgresProxy } from './open-postgres-proxy.ts';
import type { FaultyWorkerInput } from './worker.ts';

const HOUR = Date.parse('2026-01-02T03:00:00Z');
const FILES = makeReadings(HOUR, { files: 12, lines: 200 });
/** A dead worker is noticed after 12 s of silence; the rest is the work itself, on a busy machine. */
const TIMEOUT_MS = 90_000;

let folder: string;
let workflowBundlePath: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hourloom-faults-'));
  workflowBundlePath = join(folder, 'workflow-bundle.js');
  await writeFile(workflowBundlePath, (await bundleWorkflows()).code);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const KILLS = [
  { inside: 'extract', stopAt: { operation: 'list', keyPrefix: 'in/' } },
  { inside: 'merge', stopAt: { operation: 'put', keyPrefix: 'raw/' } },
  { inside: 'transform', stopAt: { operation: 'put', keyPrefix: 'staged/' } },
  { inside: 'load', stopAt: { operation: 'get', keyPrefix: 'staged/' } },
] as const;

test.concurrent.for(KILLS)(
  'an hour whose worker is killed inside $inside ends right',
  { timeout: TIMEOUT_MS },
  async ({ inside, stopAt }, { expect }) => {
    const pipeline = `killed_in_${inside}`;
    const stack = await openStack(makeTelemetry(pipeline), { worker: false });
    await stack.feed(FILES);
    const { handle } = await stack.start(HOUR);

    const doomed = startWorker(stack, pipeline, { stopAt });
    await message(doomed, 'reached');
    await kill(doomed);
    // What load needs is in the lake: nothing of the source may be read again.
    if (inside === 'load')
      await deleteObjects(
        stack,
        pipeline.replaceAll('_', '-'),
        FILES.map(({ key }) => key),
      );

    const next = startWorker(stack, pipeline, { stopAt: undefined });
    expect(await handle.result()).toMatchObject({
      outcome: 'made',
      data: 'fresh',
      counts: { files: 12, lines: 2_412, good: 2_412 },
    });
    await kill(next);

    expect(await readTables(stack, pipeline)).toEqual({ readings: 2_400, alarms: 12, loads: 1, visible: 3 });
    const attempts = await readAttempts(stack, handle.workflowId);
    const steps = ['extract', 'merge', 'transform', 'load'];
    for (const step of steps) expect([step, attempts.get(step)]).toEqual([step, step === inside ? 2 : 1]);
    await stack.close();
  },
);

test.concurrent(
  'an hour whose worker is killed between COMMIT and its answer is published once',
  { timeout: TIMEOUT_MS },
  async ({ expect }) => {
    const pipeline = 'killed_at_commit';
    const stack = await openStack(makeTelemetry(pipeline), { worker: false });
    await stack.feed(FILES);
    const { handle } = await stack.start(HOUR);

    let onCommitted = () => {};
    const committed = new Promise<void>((resolve) => (onCommitted = resolve));
    const proxy = await openPostgresProxy(stack.databaseUrl, () => onCommitted());
    const doomed = startWorker(stack, pipeline, { stopAt: undefined, databaseUrl: proxy.databaseUrl });
    await committed;
    await kill(doomed);
    proxy.close();
    expect(await readTables(stack, pipeline)).toEqual({ readings: 2_400, alarms: 12, loads: 1, visible: 3 });

    const next = startWorker(stack, pipeline, { stopAt: undefined });
    expect(await handle.result()).toMatchObject({ outcome: 'made', counts: { files: 12, lines: 2_412, good: 2_412 } });
    await kill(next);
    expect(await readTables(stack, pipeline)).toEqual({ readings: 2_400, alarms: 12, loads: 1, visible: 3 });
    expect((await readAttempts(stack, handle.workflowId)).get('load')).toBe(2);
    await stack.close();
  },
);

function startWorker(
  stack: Stack,
  pipeline: string,
  own: Pick<FaultyWorkerInput, 'stopAt'> & { readonly databaseUrl?: string },
): ChildProcess {
  const { s3, temporalAddress } = services();
  const { endpoint, region, ...credentials } = s3;
  const input: FaultyWorkerInput = {
    pipeline,
    taskQueue: stack.taskQueue,
    temporalAddress,
    databaseUrl: stack.databaseUrl,
    lake: { endpoint, region, credentials, bucket: stack.lakeBucket },
    workflowBundlePath,
    ...own,
  };
  const program = fileURLToPath(new URL('worker.ts', import.meta.url));
  return fork(program, [JSON.stringify(input)], {
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
}

async function message(worker: ChildProcess, wanted: string): Promise<void> {
  for (;;) {
    const [said] = (await Promise.race([once(worker, 'message'), once(worker, 'exit').then(() => ['exited'])])) as [
      unknown,
    ];
    if (said === wanted) return;
    if (said === 'exited') throw new Error(`The worker ended before it said "${wanted}".`);
  }
}

async function kill(worker: ChildProcess): Promise<void> {
  const ended = once(worker, 'exit');
  worker.kill('SIGKILL');
  await ended;
}

async function readTables({ warehouse }: Stack, pipeline: string): Promise<object> {
  const { sql } = warehouse;
  const [row] = await sql`
    select
      (select count(*) from ${sql(pipeline)}.readings) as readings,
      (select count(*) from ${sql(pipeline)}.alarms) as alarms,
      (select count(distinct load_id) from ${sql(pipeline)}.readings) as loads,
      (select count(*) from hourloom.materialization where visible and pipeline = ${pipeline}) as visible
  `;
  return { ...row };
}

/** How often each activity was tried, by its name, as the history tells it. */
async function readAttempts({ client }: Stack, workflowId: string): Promise<ReadonlyMap<string, number>> {
  const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
  const names = new Map<string, string>();
  const attempts = new Map<string, number>();
  for (const {
    eventId,
    activityTaskScheduledEventAttributes: scheduled,
    activityTaskStartedEventAttributes: started,
  } of events ?? []) {
    if (scheduled) names.set(String(eventId), scheduled.activityType?.name ?? '');
    if (started) attempts.set(names.get(String(started.scheduledEventId)) ?? '', started.attempt ?? 0);
  }
  return attempts;
}
