import { linkSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { say, StepFailedError } from './run-step.mjs';

const RETRY_MS = 200;
const PATIENCE_MS = 20 * 60_000;

/**
 * Runs `work` while no other process runs any under the same folder.
 *
 * A holder has a file with a rising number that names its process; the highest number decides. Numbers are only ever
 * taken by link(2), which makes the file with its content at once and for one process alone, so that two who find the
 * same holder dead cannot both follow it. A number taken late, behind a higher one, is given back.
 */
export async function withLock(folder, work) {
  mkdirSync(folder, { recursive: true });
  const file = await acquire(folder);
  try {
    return await work();
  } finally {
    // Not removed: the highest number must stay. Without a process in it, it is free.
    writeFileSync(file, '');
  }
}

async function acquire(folder) {
  const deadline = Date.now() + PATIENCE_MS;
  for (let waits = 0; Date.now() < deadline; waits += 1) {
    const highest = findHighest(folder);
    const holder = highest === 0 ? undefined : readHolder(join(folder, `lock-${highest}`));
    if (holder === undefined) {
      const file = take(folder, highest + 1);
      if (file !== undefined) return file;
    } else {
      if (waits === 0) say(`Process ${holder} installs or builds here; waiting for it`);
      await delay(RETRY_MS);
    }
  }
  throw new StepFailedError(
    `Another process has held ${folder} for 20 minutes. If none is at work, remove that folder.`,
  );
}

function take(folder, number) {
  const file = join(folder, `lock-${number}`);
  const draft = join(folder, `draft-${process.pid}`);
  writeFileSync(draft, String(process.pid));
  try {
    linkSync(draft, file);
  } catch (error) {
    if (error.code === 'EEXIST') return undefined;
    throw error;
  } finally {
    rmSync(draft);
  }
  if (findHighest(folder) > number) {
    rmSync(file);
    return undefined;
  }
  for (const lower of listNumbers(folder).filter((other) => other < number)) {
    rmSync(join(folder, `lock-${lower}`), { force: true });
  }
  return file;
}

function listNumbers(folder) {
  return readdirSync(folder).flatMap((name) => (/^lock-\d+$/u.test(name) ? [Number(name.slice(5))] : []));
}

function findHighest(folder) {
  return Math.max(0, ...listNumbers(folder));
}

/** The living process that holds this number, or undefined. */
function readHolder(file) {
  try {
    const pid = Number(readFileSync(file, 'utf8'));
    if (pid === 0) return undefined;
    process.kill(pid, 0);
    return pid;
  } catch (error) {
    // Gone as we looked: somebody has a higher number, or is dead. EPERM: it lives, and is another user's.
    if (error.code === 'EPERM') return 'of another user';
    return undefined;
  }
}
