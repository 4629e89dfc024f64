import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { machineFolder } from './machine-folder.ts';
import { identifySelf, isRunning } from './process-identity.ts';
import { formatIdentity, parseIdentity } from './process-lock.ts';

const LOOK_EVERY_MS = 10_000;

/** Notes that this process uses the machine, so that a machine without a person does not stop under it. */
export async function registerUse(folder: string): Promise<{ release(): Promise<void> }> {
  const { uses } = machineFolder(folder);
  const file = join(uses, formatIdentity(await identifySelf()));
  await mkdir(uses, { recursive: true });
  await writeFile(file, '');
  return { release: () => rm(file, { force: true }) };
}

/** Whether a living process uses the machine. The notes of dead ones are removed on the way. */
export async function isUsed(folder: string): Promise<boolean> {
  const { uses } = machineFolder(folder);
  let used = false;
  for (const name of await readdir(uses).catch(() => [])) {
    const identity = parseIdentity(name);
    if (identity === undefined) continue;
    if (await isRunning(identity)) used = true;
    else await rm(join(uses, name), { force: true });
  }
  return used;
}

/** Waits until no process has used the machine for `idleMs`; the wait itself begins with a use. */
export async function waitUntilIdle(folder: string, idleMs: number, abort: AbortSignal): Promise<void> {
  const { uses } = machineFolder(folder);
  let lastUse = Date.now();
  while (Date.now() - lastUse < idleMs) {
    await delay(Math.min(idleMs / 4, LOOK_EVERY_MS), undefined, { signal: abort });
    if (await isUsed(folder)) lastUse = Date.now();
    // Uses too short to be met: a note that comes or goes moves the folder's time.
    const moved = await stat(uses).catch(() => undefined);
    lastUse = Math.max(lastUse, moved?.mtimeMs ?? 0);
  }
}
