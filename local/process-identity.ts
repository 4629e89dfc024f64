import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/** One process for all time: the system gives a process id again, but not with the same start. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it started, as this system tells it: letters and digits, only good for comparing. */
  readonly startedAt: string;
}

/** Looks a running process up; undefined where none has this id, or only the remains of one that has ended. */
export async function identifyProcess(
  pid: number,
): Promise<(ProcessIdentity & { readonly command: string }) | undefined> {
  return process.platform === 'linux' ? readProc(pid) : askPs(pid);
}

/** This process. */
export async function identifySelf(): Promise<ProcessIdentity> {
  const self = await identifyProcess(process.pid);
  if (self === undefined) throw new Error('This system does not say when processes started: /proc or ps is needed.');
  return { pid: self.pid, startedAt: self.startedAt };
}

/** Whether this very process still runs. */
export async function isRunning({ pid, startedAt }: ProcessIdentity): Promise<boolean> {
  return (await identifyProcess(pid))?.startedAt === startedAt;
}

async function readProc(pid: number) {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The second field is the program's name in brackets, and may hold brackets and blanks of its own.
    const command = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
    const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const startedAt = fields[18];
    return state === 'Z' || state === 'X' || startedAt === undefined ? undefined : { pid, startedAt, command };
  } catch {
    return undefined;
  }
}

async function askPs(pid: number) {
  try {
    const { stdout } = await promisify(execFile)('ps', ['-o', 'stat=,lstart=,comm=', '-p', String(pid)], {
      env: { PATH: '/bin:/usr/bin', LC_ALL: 'C' },
    });
    const [, state, startedAt, command] = /^(\S+)\s+(\w+ \w+ +\d+ [\d:]+ \d+)\s+(.*)$/mu.exec(stdout.trim()) ?? [];
    if (!state || !startedAt || state.startsWith('Z')) return undefined;
    return { pid, startedAt: startedAt.replace(/\W+/gu, '_'), command: command ?? '' };
  } catch {
    return undefined;
  }
}
