import { setTimeout as delay } from 'node:timers/promises';
import { machineFolder } from './machine-folder.ts';
import { isRunning } from './process-identity.ts';
import type { ProcessIdentity } from './process-identity.ts';
import { findLockHolder } from './process-lock.ts';

const IN_ORDER_WITHIN_MS = 12_000;
const AT_ONCE_WITHIN_MS = 3_000;
const LOOK_EVERY_MS = 50;

/** Stops the machine of a folder, whoever started it, and waits until its owner is gone; `none` where none runs. */
export async function stopMachine(folder: string): Promise<'stopped' | 'none'> {
  const owner = await findLockHolder(machineFolder(folder).lock);
  if (owner === undefined) return 'none';
  // In order; then at once; then by force, after which its processes end by themselves.
  for (const [signal, withinMs] of [
    ['SIGTERM', IN_ORDER_WITHIN_MS],
    ['SIGTERM', AT_ONCE_WITHIN_MS],
    ['SIGKILL', AT_ONCE_WITHIN_MS],
  ] as const) {
    sendSignal(owner, signal);
    if (await isGone(owner, withinMs)) return 'stopped';
  }
  throw new Error(`Process ${owner.pid}, which owns the machine in ${folder}, cannot be ended. End it by hand.`);
}

function sendSignal({ pid }: ProcessIdentity, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // Gone in the meantime.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function isGone(owner: ProcessIdentity, withinMs: number): Promise<boolean> {
  for (const deadline = Date.now() + withinMs; Date.now() < deadline;) {
    if (!(await isRunning(owner))) return true;
    await delay(LOOK_EVERY_MS);
  }
  return false;
}
