import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { findMachine } from '../../local/find-machine.ts';
import { readMachineFile } from '../../local/machine-file.ts';
import { machineFolder } from '../../local/machine-folder.ts';
import { identifyProcess } from '../../local/process-identity.ts';
import { stopMachine } from '../../local/stop-machine.ts';
import { waitFor } from '../support/wait-for.ts';
import { documentOf, expectRefusal, hourloom, start } from './hourloom.ts';
import type { Running } from './hourloom.ts';

// Whole machines start and stop here; on a busy computer each takes its time.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

let folder: string;
let env: { readonly HOURLOOM_FOLDER: string };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hourloom-cli-'));
  env = { HOURLOOM_FOLDER: join(folder, '.hourloom') };
});

afterEach(() => stopMachine(env.HOURLOOM_FOLDER));
afterAll(() => rm(folder, { recursive: true, force: true }));

test('up --once --sample makes the last hours, exits with 0 and leaves no process', async () => {
  const running = start(['up', '--once', '--sample', '--json'], env);
  const { pids } = await ready(running);
  const answer = await running.ended;
  expect({ code: answer.code, stderr: answer.stderr }).toEqual({ code: 0, stderr: '' });
  const { made, databaseUrl, s3Endpoint } = documentOf(answer) as Sampled;
  expect(databaseUrl).toMatch(/^postgres:\/\/hourloom@127\.0\.0\.1:\d+\/hourloom$/u);
  expect(s3Endpoint).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/u);
  const rows = { 'door2door/vehicle_location': 7_280, 'door2door/operating_periods': 1 };
  expect(made.map(({ result }) => [result.outcome, result.rows])).toEqual(
    Array.from({ length: 3 }, () => ['made', rows]),
  );
  expect(await alive(pids)).toEqual([]);
  expect(await findMachine(env.HOURLOOM_FOLDER)).toEqual({ state: 'none' });
});

test('up takes over from a background machine, and a second up says where it is', async () => {
  await hourloom(['shell', '--json'], env);
  const background = await findMachine(env.HOURLOOM_FOLDER);
  expect(background).toMatchObject({ state: 'ready', attended: false });

  const running = start(['up'], env);
  await waitFor('it says where everything is', () => running.said.stdout.includes('Hourloom is up'));
  const { pid } = running.child;
  expect(await findMachine(env.HOURLOOM_FOLDER)).toMatchObject({ state: 'ready', attended: true, owner: { pid } });
  expect(running.said.stderr).toBe(
    'Stopping the machine that a command had started in the background, to start it anew\n',
  );

  const api = /^API +(http:.*)\/openapi\.json$/mu.exec(running.said.stdout)?.[1] ?? 'nowhere';
  expect(await (await fetch(`${api}/health`)).json()).toEqual({ status: 'ok' });
  expect((await hourloom(['serve', '--port', new URL(api).port], env)).stdout).toBe(
    `The API answers at ${api}: \`hourloom up\` serves it already.\n`,
  );

  const second = await hourloom(['up'], env);
  expect(second.code).toBe(0);
  expect(second.stdout).toBe(running.said.stdout);
  expect(second.stderr).toBe(`It runs already, started by process ${pid}. \`hourloom down\` stops it.\n`);

  const fresh = await hourloom(['up', '--fresh'], env);
  expectRefusal(fresh, 2, `--fresh throws data away, and process ${pid} uses it. Stop that one first: hourloom down`);
});

test('Ctrl-C stops everything in order within ten seconds', async () => {
  const running = start(['up'], env);
  const { pids } = await ready(running);
  const from = Date.now();
  interrupt(running);
  expect(await running.ended).toMatchObject({ code: 0, stderr: 'Stopping; once more to stop at once\n' });
  expect(Date.now() - from).toBeLessThan(10_000);
  expect(await alive(pids)).toEqual([]);
});

test('a second Ctrl-C stops at once, also where the worker does not answer', async () => {
  const running = start(['up'], env);
  const { pids, worker } = await ready(running);
  process.kill(worker, 'SIGSTOP');
  interrupt(running);
  await waitFor('it says so', () => running.said.stderr.includes('Stopping'));
  const from = Date.now();
  interrupt(running);
  await running.ended;
  expect(Date.now() - from).toBeLessThan(3_000);
  expect(await alive(pids)).toEqual([]);
});

test('taken ports are passed by, and SIGKILL leaves no orphan', async () => {
  const before = await readMachineFile(machineFolder(env.HOURLOOM_FOLDER).file);
  const { postgres, s3 } = before?.ports ?? {};
  await Promise.all([postgres, s3].map((port) => listen(port)));

  const running = start(['up'], env);
  const { pids } = await ready(running);
  const after = await readMachineFile(machineFolder(env.HOURLOOM_FOLDER).file);
  expect([postgres, s3]).not.toContain(after?.ports.postgres);
  expect([postgres, s3]).not.toContain(after?.ports.s3);
  expect(after?.ports.temporal).toBe(before?.ports.temporal);

  running.child.kill('SIGKILL');
  await running.ended;
  await waitFor('all processes are gone', async () => (await alive(pids)).length === 0);
  expect(await findMachine(env.HOURLOOM_FOLDER)).toEqual({ state: 'none' });
});

interface Sampled {
  readonly databaseUrl: string;
  readonly s3Endpoint: string;
  readonly made: readonly { readonly result: { readonly outcome: string; readonly rows: object } }[];
}

/** Waits until the machine of this `up` is ready, and names its processes. */
async function ready({
  child,
  ended,
  said,
}: Running): Promise<{ readonly pids: readonly number[]; readonly worker: number }> {
  let over = false;
  void ended.then(() => (over = true));
  const machine = await waitFor(
    'the machine is ready',
    async () => {
      if (over) throw new Error(`up ended: ${said.stderr}`);
      const found = await findMachine(env.HOURLOOM_FOLDER);
      return found.state === 'ready' && found.owner.pid === child.pid && found;
    },
    60_000,
  );
  const { worker } = machine.pids;
  if (worker === undefined || child.pid === undefined) throw new Error('up has no worker');
  const pids = [child.pid, ...Object.values(machine.pids)];
  expect(pids).toHaveLength(6);
  return { pids, worker };
}

/** What a terminal does on Ctrl-C: a signal for the whole process group. */
function interrupt({ child }: Running): void {
  if (child.pid !== undefined) process.kill(-child.pid, 'SIGINT');
}

async function alive(pids: readonly number[]): Promise<readonly number[]> {
  const found = await Promise.all(pids.map(async (pid) => ((await identifyProcess(pid)) === undefined ? [] : [pid])));
  return found.flat();
}

async function listen(port: number | undefined): Promise<void> {
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
}
