import { randomBytes } from 'node:crypto';
import { readMachineFile } from './machine-file.ts';
import { machineFolder } from './machine-folder.ts';

/** An erasure key of a machine's own, as `HOURLOOM_ERASURE_KEY` takes it. */
export function newErasureKey(): string {
  return `${KEY_ID}:${randomBytes(32).toString('hex')}`;
}

const KEY_ID = 'machine';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The erasure keys for a machine's worker: those that a person set, else the machine's own, as old as its data. Where a
 * person sets one later, the machine's own becomes the old one, so that who was erased by it stays unknown.
 */
export function erasureEnvironment(env: Environment, own: string): Record<string, string> {
  const { HOURLOOM_ERASURE_KEY: given = '', HOURLOOM_ERASURE_KEY_OLD: old = '' } = env;
  if (given.trim() === '') return { HOURLOOM_ERASURE_KEY: own };
  return old.trim() === '' && !given.startsWith(`${KEY_ID}:`) ? { HOURLOOM_ERASURE_KEY_OLD: own } : {};
}

/** The erasure key of the machine in a folder; undefined where none ever ran there. */
export async function readErasureKey(folder: string): Promise<string | undefined> {
  return (await readMachineFile(machineFolder(folder).file))?.erasureKey;
}
