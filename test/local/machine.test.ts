import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { ConfigurationError, UnreachableError } from '../../config/errors.ts';
import { ensureMachine } from '../../local/ensure-machine.ts';
import { findMachine } from '../../local/find-machine.ts';
import { registerUse } from '../../local/machine-use.ts';
import { identifyProcess } from '../../local/process-identity.ts';
import type { Machine } from '../../local/run-machine.ts';
import { MachineHeldError, startMachine } from '../../local/start-machine.ts';
import type { StartMachineOptions } from '../../local/start-machine.ts';
import { stopMachine } from '../../local/stop-machine.ts';
import { IDLE_WORKER, STUBBORN_WORKER } from '../support/idle-worker.ts';
import { services } from '../support/services.ts';
import { waitFor } from '../support/wait-for.ts';

const UP = { command: process.execPath, args: ['--import', 'tsx', 'test/support/up.ts'], env: process.env };
const NOTHING_GIVEN = {
  databaseUrl: undefined,
  temporalAddress: undefined,
  s3: { endpoint: undefined, region: 'us-east-1', credentials: undefined },
};

let folder: string;
let said: string[];
let ours: Machine[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hourloom-machine-'));
  said = [];
  ours = [];
});

afterEach(async () => {
  // Those of this process first: `down` signals the owner.
  await Promise.all(ours.map((machine) => machine.stopNow()));
  await stopMachine(folder);
  await rm(folder, { recursive: true, force: true });
});

test('starts, answers, tells its worker where, and stops within ten seconds without leaving a process', async () => {
  const machine = await start();
  expect(await selectOne(machine)).toBe(1);
  expect(await findAddresses()).toEqual(machine.addresses);
  expect((await fetch(machine.addresses.temporalUiUrl!)).status).toBe(200);
  expect(await readFile(join(folder, 'logs/worker.log'), 'utf8')).toBe(
    `DATABASE_URL=${machine.addresses.databaseUrl}\n`,
  );
  expect((await stat(join(folder, 'machine.json'))).mode & 0o777).toBe(0o600);

  const pids = Object.values(machine.pids());
  expect(pids).toHaveLength(4);
  const from = Date.now();
  await machine.stop();
  expect(Date.now() - from).toBeLessThan(10_000);
  expect(await running(pids)).toEqual([]);
  expect(await findMachine(folder)).toEqual({ state: 'none' });
});

test('a second start has the same addresses, keys and data, in less than ten seconds', async () => {
  const first = await start();
  await query(first, 'create table kept (n int)');
  await first.stop();

  const from = Date.now();
  const second = await start();
  expect(Date.now() - from).toBeLessThan(10_000);
  expect(second.addresses).toEqual(first.addresses);
  expect(await query(second, 'select count(*)::int as n from kept')).toEqual([{ n: 0 }]);
  await second.stop();
});

test('a fresh start has the keys of before and none of its data', async () => {
  const first = await startSmall();
  await query(first, 'create table lost (n int)');
  await first.stop();

  const second = await startSmall({ fresh: true });
  expect(second.addresses.s3).toEqual(first.addresses.s3);
  await expect(query(second, 'select * from lost')).rejects.toMatchObject({ code: '42P01' });
  await second.stop();
});

test('killed servers and a killed worker are back at the same addresses, Postgres within two seconds', async () => {
  const machine = await start();
  const before = machine.pids();
  const backAfterMs = new Map<string, number>();
  for (const name of ['postgres', 'temporal', 's3', 'worker'] as const) {
    const from = Date.now();
    process.kill(before[name]!, 'SIGKILL');
    await waitFor(`${name} runs again`, () => machine.pids()[name] !== before[name]);
    backAfterMs.set(name, Date.now() - from);
  }
  expect(backAfterMs.get('postgres')).toBeLessThan(2_000);
  await waitFor('all answer', async () => (await findMachine(folder)).state === 'ready');
  expect(await findAddresses()).toEqual(machine.addresses);
  expect(await selectOne(machine)).toBe(1);
  expect(said).toEqual(
    ['Postgres', 'Temporal', 'The S3 server', 'The worker'].flatMap((name) => [
      `${name} was ended by SIGKILL; starting it again`,
      `${name} runs again`,
    ]),
  );
  await machine.stop();
});

test('nothing is left running when its owner is killed by SIGKILL, and the next one takes over', async () => {
  const { owner, pids } = await startUp();
  process.kill(owner.pid, 'SIGKILL');
  await waitFor('all processes are gone', async () => (await running(Object.values(pids))).length === 0);
  expect(await findMachine(folder)).toEqual({ state: 'none' });

  const next = await start();
  expect(await selectOne(next)).toBe(1);
  await next.stop();
});

test('a second owner is refused and told who the first is', async () => {
  const machine = await startSmall();
  const refusal = await startSmall().catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(MachineHeldError);
  expect((refusal as MachineHeldError).message).toBe(
    `The machine in ${folder} runs already, as process ${process.pid}. \`hourloom down\` stops it.`,
  );
  await machine.stop();
});

test('`down` stops a machine of another process and waits until it is gone', async () => {
  const { owner, pids } = await startUp();
  expect(await stopMachine(folder)).toBe('stopped');
  expect(await running([owner.pid, ...Object.values(pids)])).toEqual([]);
  expect(await stopMachine(folder)).toBe('none');
});

test('two commands at once share one machine, which stops when both are done', async () => {
  const options = { folder, up: { ...UP, args: [...UP.args, folder, '1000'] }, report: say };
  const [one, two] = await Promise.all([ensureMachine(options), ensureMachine(options)]);
  expect(one.addresses).toEqual(two.addresses);
  const found = await findMachine(folder);
  expect(found.state).toBe('ready');
  await Promise.all([one.release(), two.release()]);
  await waitFor('the idle machine is gone', async () => (await findMachine(folder)).state === 'none');
  expect(said.filter((line) => line.startsWith('Nothing runs here yet'))).toHaveLength(2);
});

test('an idle machine does not stop under a command that came at the last moment', async () => {
  const machine = await startSmall();
  const use = await registerUse(folder);
  expect(await machine.stopUnlessUsed()).toBe(false);
  expect(await findAddresses()).toEqual(machine.addresses);
  await use.release();
  expect(await machine.stopUnlessUsed()).toBe(true);
  expect(await findMachine(folder)).toEqual({ state: 'none' });
});

test('a command that cannot start a machine says what `up` said', async () => {
  const fail = {
    command: process.execPath,
    args: ['-e', 'console.error("No room on disk."); process.exit(3)'],
    env: {},
  };
  const failure = await ensureMachine({ folder, up: fail, report: say }).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(ConfigurationError);
  expect((failure as Error).message).toBe('The machine could not be started: No room on disk.');
});

test('a wanted port that is taken is one clear sentence, and nothing stays behind', async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void taken.close());
  const { port } = taken.address() as AddressInfo;

  const failure = await start({ ports: { postgres: port } }).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(ConfigurationError);
  expect((failure as Error).message).toBe(
    `Port ${port} on 127.0.0.1, wanted for Postgres, is taken by another program. Stop it or choose another port.`,
  );
  expect(await findMachine(folder)).toEqual({ state: 'none' });
});

test('a given server that does not answer is one clear sentence without its password', async () => {
  const given = { ...NOTHING_GIVEN, databaseUrl: 'postgres://me:secret@127.0.0.1:1/db' };
  const failure = await start({ given }).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(UnreachableError);
  expect((failure as Error).message).toBe(
    "Nothing answers at 127.0.0.1:1, which DATABASE_URL names. Start that server, or unset DATABASE_URL to use the machine's own.",
  );
});

test('a given server is used, and none started in its place', async () => {
  const database = createServer();
  await new Promise<void>((resolve) => database.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void database.close());
  const databaseUrl = `postgres://me@127.0.0.1:${(database.address() as AddressInfo).port}/db`;

  const machine = await start({ given: { ...NOTHING_GIVEN, databaseUrl } });
  expect(machine.addresses.databaseUrl).toBe(databaseUrl);
  expect(Object.keys(machine.pids()).sort()).toEqual(['s3', 'temporal', 'worker']);
  await machine.stop();
});

test('a worker that cannot start ends the start, with its own words', async () => {
  const worker = {
    command: process.execPath,
    args: ['-e', 'console.error("No definitions."); process.exit(3)'],
    env: {},
  };
  const failure = await startSmall({ worker }).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(ConfigurationError);
  expect((failure as Error).message).toBe(
    'The worker could not be started: it ended with exit code 3. Its last words:\nNo definitions.',
  );
  expect(await findMachine(folder)).toEqual({ state: 'none' });
});

test('a worker that does not end when asked is ended by force', async () => {
  const machine = await startSmall({ worker: { ...STUBBORN_WORKER, env: {} } });
  await machine.stop({ graceMs: 50, forceMs: 200 });
  expect(said).toEqual(['The worker still works; it is ended soon whatever it does']);
  expect(await running(Object.values(machine.pids()))).toEqual([]);
});

test('a stop at once, while a stop in order waits for the worker, leaves nothing running', async () => {
  const machine = await start({ worker: { ...STUBBORN_WORKER, env: {} } });
  const inOrder = machine.stop();
  const from = Date.now();
  await machine.stopNow();
  await inOrder;
  expect(Date.now() - from).toBeLessThan(4_000);
  expect(await running(Object.values(machine.pids()))).toEqual([]);
});

function say(line: string): void {
  said.push(line);
}

async function start(options: Partial<StartMachineOptions> = {}): Promise<Machine> {
  const worker = { ...IDLE_WORKER, env: {} };
  const machine = await startMachine({
    folder,
    given: NOTHING_GIVEN,
    worker,
    env: process.env,
    attended: true,
    report: say,
    ...options,
  });
  ours.push(machine);
  return machine;
}

/** A machine without a Temporal of its own, where the test is about something else: that one takes longest to end. */
function startSmall(options: Partial<StartMachineOptions> = {}): Promise<Machine> {
  return start({ given: { ...NOTHING_GIVEN, temporalAddress: services().temporalAddress }, ...options });
}

/** A machine that another process owns. */
async function startUp() {
  spawn(UP.command, [...UP.args, folder], { stdio: 'ignore' });
  return waitFor('the machine is ready', async () => {
    const found = await findMachine(folder);
    return found.state === 'ready' && found;
  });
}

/** Where the folder's machine can be used; undefined where it cannot. */
async function findAddresses() {
  const found = await findMachine(folder);
  return found.state === 'ready' ? found.addresses : undefined;
}

async function query(machine: Machine, text: string) {
  const sql = postgres(machine.addresses.databaseUrl, { max: 1 });
  try {
    return [...(await sql.unsafe(text))];
  } finally {
    await sql.end();
  }
}

async function selectOne(machine: Machine): Promise<unknown> {
  return (await query(machine, 'select 1 as one'))[0]?.['one'];
}

async function running(pids: readonly number[]): Promise<readonly number[]> {
  const found = await Promise.all(pids.map((pid) => identifyProcess(pid)));
  return pids.filter((_, index) => found[index] !== undefined);
}
