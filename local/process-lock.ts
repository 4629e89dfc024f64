import { randomInt } from 'node:crypto';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { identifySelf, isRunning } from './process-identity.ts';
import type { ProcessIdentity } from './process-identity.ts';

const MAX_ROUNDS = 200;

/** A lock that ends with its holder, however that ends. */
export type ProcessLock =
  | { readonly state: 'ours'; release(): Promise<void> }
  | { readonly state: 'held'; readonly holder: ProcessIdentity };

/**
 * Takes the lock that `folder` stands for, or says which living process holds it.
 *
 * Everybody writes a claim of a name that no other process ever has, and only then looks around. Of two at once, the
 * one that looks later sees the other; so two never both see nobody. They may both see each other: then both withdraw
 * and try again after a while. A dead process's claim can be removed without a race, for its name never comes back.
 */
export async function takeProcessLock(folder: string): Promise<ProcessLock> {
  const self = await identifySelf();
  const claim = join(folder, `${formatIdentity(self)}.claim`);
  const held = join(folder, `${formatIdentity(self)}.held`);
  const withdraw = async () => {
    await rm(held, { force: true });
    await rm(claim, { force: true });
  };
  await mkdir(folder, { recursive: true });

  for (let round = 0; round < MAX_ROUNDS; round++) {
    const ours = await writeFile(claim, '', { flag: 'wx' }).then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'EEXIST') return false;
        throw error;
      },
    );
    if (!ours) return { state: 'held', holder: self };

    const others = (await livingClaims(folder)).filter(({ pid }) => pid !== self.pid);
    if (others.length === 0) {
      await writeFile(held, '');
      return { state: 'ours', release: withdraw };
    }
    await withdraw();
    const holder = others.find((other) => other.held);
    if (holder) return { state: 'held', holder: { pid: holder.pid, startedAt: holder.startedAt } };
    await delay(randomInt(5, 50));
  }
  throw new Error(`The lock ${folder} was contested for too long. Try again.`);
}

/** The living process that holds the lock of `folder`; undefined where nobody does. */
export async function findLockHolder(folder: string): Promise<ProcessIdentity | undefined> {
  const holder = (await livingClaims(folder)).find(({ held }) => held);
  return holder && { pid: holder.pid, startedAt: holder.startedAt };
}

/** The processes with a claim, and whether it became the lock; the claims of dead ones are removed on the way. */
async function livingClaims(folder: string): Promise<readonly (ProcessIdentity & { readonly held: boolean })[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException): string[] => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const living = [];
  for (const name of names.filter((each) => each.endsWith('.claim'))) {
    const identity = parseIdentity(name.slice(0, -'.claim'.length));
    if (identity === undefined) continue;
    const held = name.replace(/claim$/u, 'held');
    if (await isRunning(identity)) {
      living.push({ ...identity, held: names.includes(held) });
    } else {
      await rm(join(folder, held), { force: true });
      await rm(join(folder, name), { force: true });
    }
  }
  return living;
}

/** An identity as part of a file's name: `4711-98231`. */
export function formatIdentity({ pid, startedAt }: ProcessIdentity): string {
  return `${pid}-${startedAt}`;
}

/** The inverse of `formatIdentity`; undefined where the text is something else. */
export function parseIdentity(text: string): ProcessIdentity | undefined {
  const [, pid, startedAt] = /^(\d+)-(\w+)$/u.exec(text) ?? [];
  return pid === undefined || startedAt === undefined ? undefined : { pid: Number(pid), startedAt };
}
