import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { ConfigurationError, UnreachableError } from '../../config/errors.ts';
import { identifyProcess } from '../../local/process-identity.ts';
import { spawnService } from '../../local/spawn-service.ts';
import type { ServiceOptions } from '../../local/spawn-service.ts';
import { waitFor } from '../support/wait-for.ts';

test('a program that is not there is a plain sentence', async () => {
  const failure = await startFailing({ command: '/nowhere/server', args: [] });
  expect(failure).toBeInstanceOf(UnreachableError);
  expect(failure.message).toMatch(/^The server could not be started: /u);
  expect(failure.message).toContain('/nowhere/server');
});

test('a program that ends before it is ready gives its last words', async () => {
  const failure = await startFailing({ args: ['-c', 'echo disk full >&2; exit 7'] });
  expect(failure.message).toBe(
    'The server could not be started: it ended with exit code 7. Its last words:\ndisk full',
  );
});

test('a program of ours says in a sentence why it cannot start', async () => {
  const script = (code: number) =>
    `console.log('noise'); process.send({ problem: 'No key.' }); process.exitCode = ${code}`;
  const ours = { command: process.execPath, ready: 'message' } as const;
  const configuration = await startFailing({ ...ours, args: ['-e', script(3)] });
  expect(configuration).toBeInstanceOf(ConfigurationError);
  expect(configuration.message).toBe('The server could not be started: No key.');
  const other = await startFailing({ ...ours, args: ['-e', script(1)] });
  expect(other).toBeInstanceOf(UnreachableError);
  expect(other.message).toBe('The server could not be started: No key.');
});

test('a program that is not ready in time is ended', async () => {
  const failure = await startFailing({ args: ['-c', 'echo $$; exec sleep 60'], readyWithinMs: 300 });
  const [, pid] = /was not ready within 0.3 s. Its last words:\n(\d+)$/u.exec(failure.message) ?? [];
  expect(await identifyProcess(Number(pid))).toBeUndefined();
});

test('an answer at its address is not believed before the program itself says that it listens', async () => {
  const answersAtOnce = { ready: () => Promise.resolve(true), announces: /listening/u };
  const failure = await startFailing({ ...answersAtOnce, args: ['-c', 'sleep 0.3; echo port taken; exit 1'] });
  expect(failure.message).toBe(
    'The server could not be started: it ended with exit code 1. Its last words:\nport taken',
  );
});

test('a start that is no longer wanted is given up at once', async () => {
  const abort = new AbortController();
  const started = startFailing({ args: ['-c', 'exec sleep 60'], abort: abort.signal });
  abort.abort();
  expect((await started).message).toMatch(/^The server could not be started: it was no longer wanted/u);
});

test('where the kernel cannot, a watcher ends a service whose parent was killed', async () => {
  const script = `
    import { spawn } from 'node:child_process';
    import { watchParent } from './local/bind-to-parent.ts';
    const service = spawn('sleep', ['60'], { detached: true });
    watchParent(service.pid, 'SIGKILL');
    console.log(service.pid);
  `;
  const parent = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [pid] = await once(createInterface(parent.stdout), 'line');
  expect(await identifyProcess(Number(pid))).toMatchObject({ command: 'sleep' });
  parent.kill('SIGKILL');
  await waitFor('the service is gone', async () => (await identifyProcess(Number(pid))) === undefined);
});

async function startFailing(options: Partial<ServiceOptions>): Promise<Error> {
  const failure = await spawnService({
    name: 'The server',
    command: '/bin/sh',
    args: [],
    log: () => undefined,
    ready: () => Promise.resolve(false),
    readyWithinMs: 10_000,
    stopSignal: 'SIGTERM',
    ...options,
  }).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(Error);
  return failure as Error;
}
