import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chown, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ConfigurationError, UnreachableError } from '../config/errors.ts';
import { startOnPort } from './find-free-port.ts';
import { findPostgres } from './find-postgres.ts';
import type { PostgresPrograms } from './find-postgres.ts';
import { probePostgres } from './probe-server.ts';
import { identifyProcess } from './process-identity.ts';
import { describeExit, spawnService } from './spawn-service.ts';
import type { Service, ServiceLog } from './spawn-service.ts';

const USER = 'hourloom';
const DATABASE = 'hourloom';
const READY_WITHIN_MS = 60_000;
const OLD_SERVER_GONE_WITHIN_MS = 10_000;

/**
 * One call writes the whole file system out, instead of one for each of a thousand files: making a cluster takes a third
 * less, and after a crash it is back in 0.1 s instead of 1 to 3. Linux alone has that call.
 */
const SYNC_AT_ONCE = process.platform === 'linux';

export interface StartPostgresOptions {
  /** Holds the data; made at the first start, kept for the next. */
  readonly directory: string;
  /** A free one where it is not given. */
  readonly port?: number;
  readonly log: ServiceLog;
  /** Gives the start up. */
  readonly abort?: AbortSignal;
}

/** Starts the embedded Postgres 18 on loopback, with the database `hourloom` and its owner of that name. */
export async function startPostgres(options: StartPostgresOptions): Promise<Service & { readonly url: string }> {
  const { directory, log } = options;
  const programs = await findPostgres();
  if (!existsSync(directory)) await createData(programs, directory, log);
  await waitForOldServer(directory);

  return startOnPort('Postgres', options.port, async (port) => {
    const url = `postgres://${USER}@127.0.0.1:${port}/${DATABASE}`;
    const { command, args } = programs.line('postgres', [
      ...['-D', directory, '-p', String(port)],
      ...['-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories='],
      ...(SYNC_AT_ONCE ? ['-c', 'recovery_init_sync_method=syncfs'] : []),
    ]);
    const service = await spawnService({
      name: 'Postgres',
      command,
      args,
      ...(programs.runAs && { runAs: programs.runAs }),
      log,
      abort: options.abort,
      ready: () => probePostgres(url),
      announces: /database system is ready to accept connections/u,
      readyWithinMs: READY_WITHIN_MS,
      stopSignal: 'SIGINT',
      // SIGKILL would leave its sessions behind for a moment, and with them the hold on its data.
      killSignal: 'SIGQUIT',
    });
    return { ...service, url };
  });
}

/** Makes an empty cluster with our database in it, under another name until it is whole. */
async function createData(programs: PostgresPrograms, directory: string, log: ServiceLog): Promise<void> {
  const unfinished = `${directory}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { recursive: true, mode: 0o700 });
  if (programs.runAs) await giveToUser(unfinished, programs.runAs);
  const locale = ['--encoding=UTF8', '--locale=C'];
  const sync = SYNC_AT_ONCE ? ['--sync-method=syncfs'] : [];
  await run(programs, 'initdb', ['-D', unfinished, '-U', USER, '--auth=trust', ...locale, ...sync], '', log);
  await run(programs, 'postgres', ['--single', '-D', unfinished, 'postgres'], `create database ${DATABASE}`, log);
  await rename(unfinished, directory);
}

async function giveToUser(directory: string, { uid, gid }: { uid: number; gid: number }): Promise<void> {
  await chown(directory, uid, gid);
  const test = spawn('/bin/sh', ['-c', `cd "$0"`, directory], { uid, gid, cwd: '/', stdio: 'ignore' });
  const code = await new Promise((resolve) => test.once('exit', resolve));
  if (code === 0) return;
  throw new ConfigurationError(
    `Postgres refuses to run as root, this system forbids user namespaces, and other users cannot enter ` +
      `${dirname(directory)}. Run as an ordinary user, or set DATABASE_URL to a Postgres 18 of yours.`,
  );
}

async function run(
  programs: PostgresPrograms,
  program: 'postgres' | 'initdb',
  args: readonly string[],
  input: string,
  log: ServiceLog,
): Promise<void> {
  const line = programs.line(program, args);
  const child = spawn(line.command, line.args, { stdio: 'pipe', ...programs.runAs });
  let output = '';
  const take = (text: string) => {
    output += text;
    log(text);
  };
  child.stdout.setEncoding('utf8').on('data', take);
  child.stderr.setEncoding('utf8').on('data', take);
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const problem = await new Promise<string | undefined>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(code === 0 ? undefined : describeExit({ code, signal })));
  });
  if (problem === undefined) return;
  throw new UnreachableError(`Postgres could not make its data: ${program} ${problem}. It said:\n${output.trim()}`);
}

/**
 * A server whose parent was killed may still be on its way out. Waits for it, and removes the note of one that is
 * gone: Postgres itself refuses to start where another program has since been given its process id.
 */
async function waitForOldServer(directory: string): Promise<void> {
  const note = join(directory, 'postmaster.pid');
  const deadline = Date.now() + OLD_SERVER_GONE_WITHIN_MS;
  for (;;) {
    const pid = Number((await readFile(note, 'utf8').catch(() => '')).split('\n')[0]);
    if (!pid) return;
    const running = await identifyProcess(pid);
    if (running === undefined || !running.command.includes('postgres')) break;
    if (Date.now() > deadline) {
      throw new ConfigurationError(`Another Postgres (process ${pid}) runs on ${directory}. Stop it first.`);
    }
    await delay(50);
  }
  await rm(note, { force: true });
}
