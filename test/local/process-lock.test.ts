import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { identifyProcess, identifySelf, isRunning } from '../../local/process-identity.ts';
import { findLockHolder, formatIdentity, takeProcessLock } from '../../local/process-lock.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hourloom-lock-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

test('is ours, says so to who asks, and is free after release', async () => {
  const self = await identifySelf();
  const lock = await takeProcessLock(folder);
  expect(lock.state).toBe('ours');
  expect(await findLockHolder(folder)).toEqual(self);
  expect(await takeProcessLock(folder)).toEqual({ state: 'held', holder: self });
  if (lock.state === 'ours') await lock.release();
  expect(await findLockHolder(folder)).toBeUndefined();
  expect(await readdir(folder)).toEqual([]);
});

test('of a dead process is taken over', async () => {
  const child = spawn('sleep', ['60']);
  const identity = await identifyProcess(child.pid!);
  child.kill('SIGKILL');
  await once(child, 'exit');
  await leaveLockOf(identity!);

  expect(await findLockHolder(folder)).toBeUndefined();
  expect((await takeProcessLock(folder)).state).toBe('ours');
});

test('of a dead process whose id was given again is taken over', async () => {
  await leaveLockOf({ pid: process.ppid, startedAt: '1' });
  expect((await takeProcessLock(folder)).state).toBe('ours');
});

test('of a living process is not', async () => {
  const { pid, startedAt } = (await identifyProcess(process.ppid))!;
  await leaveLockOf({ pid, startedAt });
  expect(await takeProcessLock(folder)).toEqual({ state: 'held', holder: { pid, startedAt } });
});

test('goes to exactly one of several processes at once, which all meet a dead one’s', async () => {
  await leaveLockOf({ pid: process.ppid, startedAt: '1' });
  const script = `
    import { takeProcessLock } from './local/process-lock.ts';
    process.stdin.once('data', async () => console.log((await takeProcessLock(${JSON.stringify(folder)})).state));
    console.log('waits');
  `;
  const children = Array.from({ length: 4 }, () =>
    spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
      stdio: ['pipe', 'pipe', 'inherit'],
    }),
  );
  const lines = children.map((child) => createInterface(child.stdout)[Symbol.asyncIterator]());
  await Promise.all(lines.map((line) => line.next()));
  children.forEach((child) => child.stdin.write('go\n'));
  const states = await Promise.all(lines.map(async (line) => (await line.next()).value as string));
  children.forEach((child) => child.kill('SIGKILL'));
  expect(states.sort()).toEqual(['held', 'held', 'held', 'ours']);
});

test('a process that has ended and was not yet collected counts as gone', async () => {
  // A shell that never waits for its child leaves its remains behind.
  const shell = spawn('/bin/sh', ['-c', 'sleep 0 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'ignore'] });
  const [pid] = await once(createInterface(shell.stdout), 'line');
  await expect.poll(() => identifyProcess(Number(pid))).toBeUndefined();
  expect(await isRunning((await identifyProcess(shell.pid!))!)).toBe(true);
  shell.kill('SIGKILL');
});

async function leaveLockOf(identity: { pid: number; startedAt: string }): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, `${formatIdentity(identity)}.claim`), '');
  await writeFile(join(folder, `${formatIdentity(identity)}.held`), '');
}
