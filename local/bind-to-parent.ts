import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';

/** Where util-linux puts its programs; PATH may be empty or another's. */
const SYSTEM_FOLDERS = ['/usr/bin', '/bin', '/usr/sbin', '/sbin'];

/** The full path of a program of the base system, or undefined. */
export function findSystemProgram(name: string): string | undefined {
  return SYSTEM_FOLDERS.map((folder) => `${folder}/${name}`).find((path) => existsSync(path));
}

/** A command line as `spawn` takes it. */
export interface CommandLine {
  readonly command: string;
  readonly args: readonly string[];
}

/**
 * Makes the kernel send `signal` to the command when its parent dies, even by SIGKILL. Linux with `setpriv` only:
 * undefined elsewhere, and then `watchParent` does the same from outside.
 */
export function bindToParent(line: CommandLine, signal: NodeJS.Signals): CommandLine | undefined {
  const setpriv = process.platform === 'linux' ? findSystemProgram('setpriv') : undefined;
  if (setpriv === undefined) return undefined;
  return { command: setpriv, args: ['--pdeathsig', signal.replace(/^SIG/u, ''), line.command, ...line.args] };
}

/**
 * Sends `signal` to the process `pid` when this process dies, even by SIGKILL: a shell of its own session waits for
 * the end of a pipe that only we hold open. Returns the way to call it off, for when `pid` has ended.
 */
export function watchParent(pid: number, signal: NodeJS.Signals): () => void {
  const script = `cat >/dev/null; kill -${signal.replace(/^SIG/u, '')} ${pid}`;
  const watcher = spawn('/bin/sh', ['-c', script], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  watcher.on('error', () => undefined);
  watcher.unref();
  return () => {
    watcher.kill('SIGKILL');
    watcher.stdin.destroy();
  };
}
