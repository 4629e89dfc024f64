import { readMachineFile } from './machine-file.ts';
import type { MachineAddresses, MachinePids } from './machine-file.ts';
import { machineFolder } from './machine-folder.ts';
import { probeObjectStore, probePostgres, probeTemporal } from './probe-server.ts';
import { isRunning } from './process-identity.ts';
import type { ProcessIdentity } from './process-identity.ts';
import { findLockHolder } from './process-lock.ts';

/** What is there of a folder's machine at this moment. */
export type FoundMachine =
  | { readonly state: 'none' }
  /** It has an owner, but cannot be used yet, at this moment, or any more. */
  | { readonly state: 'starting' | 'recovering' | 'stopping'; readonly owner: ProcessIdentity }
  | {
      readonly state: 'ready';
      readonly owner: ProcessIdentity;
      /** A person started it; else a command did, and it stops by itself. */
      readonly attended: boolean;
      readonly addresses: MachineAddresses;
      readonly pids: MachinePids;
    };

/** Finds the machine of a folder. A `ready` one has a living owner, and its own servers answered just now. */
export async function findMachine(folder: string): Promise<FoundMachine> {
  const places = machineFolder(folder);
  const holder = await findLockHolder(places.lock);
  if (holder === undefined) return { state: 'none' };

  const run = (await readMachineFile(places.file))?.run;
  // The new owner has the lock, and has not written yet.
  if (run === undefined || run.state === 'stopped' || !(await isRunning(run.owner))) {
    return { state: 'starting', owner: holder };
  }
  if (run.state !== 'ready') return { state: run.state, owner: run.owner };
  const { owner, attended, addresses, pids } = run;
  return (await allAnswer(addresses, pids))
    ? { state: 'ready', owner, attended, addresses, pids }
    : { state: 'recovering', owner };
}

/** Only the machine's own servers are asked: about those that it was given, the first use says enough. */
async function allAnswer({ databaseUrl, temporalAddress, s3 }: MachineAddresses, pids: MachinePids): Promise<boolean> {
  const answers = await Promise.all([
    pids.postgres === undefined || probePostgres(databaseUrl),
    pids.temporal === undefined || probeTemporal(temporalAddress),
    pids.s3 === undefined || s3.endpoint === undefined || probeObjectStore(s3.endpoint),
  ]);
  return answers.every((answer) => answer);
}
