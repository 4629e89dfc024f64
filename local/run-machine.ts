import { writeMachineFile } from './machine-file.ts';
import type { MachineAddresses, MachineFile, MachinePids, MachineRun } from './machine-file.ts';
import type { MachineFolder } from './machine-folder.ts';
import { isUsed } from './machine-use.ts';
import type { ProcessIdentity } from './process-identity.ts';
import type { StartedService } from './start-servers.ts';
import { supervise } from './supervise.ts';

/** The worker's own settings for an embedded machine: what it finishes in 4 s is finished, after 7 s it is ended. */
const WORKER_GRACE_MS = 4_000;
const WORKER_FORCE_MS = 7_000;
/** Together with the worker's seven seconds this stays under ten. */
const SERVERS_FORCE_MS = 2_500;

/** How long a stop waits for the worker: until it is worth a word, and until it is ended by force. */
export interface StopOptions {
  readonly graceMs?: number;
  readonly forceMs?: number;
}

/** Temporal, Postgres, an S3 server and the worker, supervised by this process, and gone when it is gone. */
export interface Machine {
  readonly addresses: MachineAddresses;
  pids(): MachinePids;
  /** Resolves when nothing of it runs any more. */
  readonly ended: Promise<void>;
  /** Ends the worker in order, then the servers, within ten seconds. Who calls again waits for the same end. */
  stop(options?: StopOptions): Promise<void>;
  /** Ends everything at once. What is on disk survives. */
  stopNow(): Promise<void>;
  /** Stops, unless a command uses the machine at this moment; says whether it stopped. */
  stopUnlessUsed(): Promise<boolean>;
}

export interface RunMachineOptions {
  readonly folder: MachineFolder;
  readonly file: Omit<MachineFile, 'run'>;
  readonly owner: ProcessIdentity;
  readonly attended: boolean;
  readonly addresses: MachineAddresses;
  readonly services: readonly StartedService[];
  readonly report: (line: string) => void;
  /** Called once, when nothing of it runs any more. */
  readonly ended: () => Promise<void>;
}

/** Supervises what was started, and keeps the machine's file true while it runs. */
export async function runMachine(options: RunMachineOptions): Promise<Machine> {
  const { folder, file, owner, attended, addresses, report } = options;
  const supervised = options.services.map(({ name, title, service, restart }) => ({
    name,
    process: supervise({ name: title, service, restart, report, restarted: () => void tell('ready') }),
  }));
  const worker = supervised.find(({ name }) => name === 'worker')?.process;
  const servers = supervised.filter(({ name }) => name !== 'worker').map(({ process }) => process);
  const pids = (): MachinePids => Object.fromEntries(supervised.map(({ name, process }) => [name, process.pid()]));

  // One write after the other, so that the last word on disk is the last said.
  let written = Promise.resolve();
  let stopping = false;
  const write = (run: () => MachineRun): Promise<void> => {
    written = written
      .then(() => writeMachineFile(folder.file, { ...file, run: run() }))
      .catch((error: Error) => report(`The machine's file could not be written: ${error.message}`));
    return written;
  };
  const tell = (state: 'ready' | 'stopping') =>
    write(() => ({ state: stopping ? 'stopping' : state, owner, attended, addresses, pids: pids() }));

  let ending: Promise<void> | undefined;
  const end = (): Promise<void> =>
    (ending ??= write(() => ({ state: 'stopped' }))
      .then(options.ended)
      .then(() => sayEnded()));
  let sayEnded: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => (sayEnded = resolve));

  const stopInOrder = async ({ graceMs = WORKER_GRACE_MS, forceMs = WORKER_FORCE_MS }: StopOptions) => {
    stopping = true;
    await tell('stopping');
    const slow = setTimeout(() => report('The worker still works; it is ended soon whatever it does'), graceMs);
    await worker?.stop({ forceMs });
    clearTimeout(slow);
    await Promise.all(servers.map((server) => server.stop({ forceMs: SERVERS_FORCE_MS })));
    await end();
  };
  let stopped: Promise<void> | undefined;
  const stop = (how: StopOptions = {}): Promise<void> => (stopped ??= stopInOrder(how));

  await tell('ready');
  return {
    addresses,
    pids,
    ended,
    stop,
    async stopNow() {
      stopping = true;
      await Promise.all(supervised.map(({ process }) => process.kill()));
      await end();
    },
    async stopUnlessUsed() {
      // A command first notes its use and then reads the state; we do the reverse. So one of the two sees the other.
      await tell('stopping');
      if (await isUsed(folder.path)) {
        await tell('ready');
        return false;
      }
      await stop();
      return true;
    },
  };
}
