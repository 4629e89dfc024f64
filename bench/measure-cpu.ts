import { readdir, readFile } from 'node:fs/promises';

/** CPU seconds that each part of the machine has used since it started, its child processes included. */
export type CpuSeconds = Readonly<Record<string, number>>;

/** What `/proc` counts in, on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

interface ProcessTimes {
  readonly parent: number;
  /** Own, and of those children that have ended. */
  readonly seconds: number;
}

/** Wall time on a shared machine says little; CPU time says what work costs. Undefined where there is no `/proc`. */
export async function measureCpu(pids: Readonly<Record<string, number>>): Promise<CpuSeconds | undefined> {
  if (process.platform !== 'linux') return undefined;
  const processes = new Map<number, ProcessTimes>();
  for (const name of await readdir('/proc')) {
    const times = /^\d+$/u.test(name) ? await readTimes(Number(name)) : undefined;
    if (times) processes.set(Number(name), times);
  }
  return Object.fromEntries(Object.entries(pids).map(([name, pid]) => [name, sumTree(processes, pid)]));
}

async function readTimes(pid: number): Promise<ProcessTimes | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  // The second field is the program's name in brackets, which may hold blanks; after it come state, parent, …
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (!fields) return undefined;
  const ticks = [11, 12, 13, 14].reduce((sum, index) => sum + Number(fields[index]), 0);
  return { parent: Number(fields[1]), seconds: ticks / TICKS_PER_SECOND };
}

function sumTree(processes: ReadonlyMap<number, ProcessTimes>, root: number): number {
  let seconds = processes.get(root)?.seconds ?? 0;
  for (const [pid, { parent }] of processes) if (parent === root) seconds += sumTree(processes, pid);
  return seconds;
}

/** What each part used between two measurements. */
export function subtractCpu(after: CpuSeconds, before: CpuSeconds): CpuSeconds {
  return Object.fromEntries(Object.entries(after).map(([name, seconds]) => [name, seconds - (before[name] ?? 0)]));
}
