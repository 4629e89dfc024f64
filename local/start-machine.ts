import { rm } from 'node:fs/promises';
import { erasureEnvironment, newErasureKey } from './erasure-environment.ts';
import { startOnFreePort } from './find-free-port.ts';
import { newMachineFile, readMachineFile, writeMachineFile } from './machine-file.ts';
import type { MachineAddresses, MachinePorts, ServiceName } from './machine-file.ts';
import { machineFolder } from './machine-folder.ts';
import type { MachineFolder } from './machine-folder.ts';
import { openMachineLogs } from './machine-logs.ts';
import { identifySelf } from './process-identity.ts';
import type { ProcessIdentity } from './process-identity.ts';
import { takeProcessLock } from './process-lock.ts';
import { runMachine } from './run-machine.ts';
import type { Machine } from './run-machine.ts';
import type { ServiceLog } from './spawn-service.ts';
import { startApi } from './start-api.ts';
import { startServers, USUAL_PORTS } from './start-servers.ts';
import type { GivenAddresses, StartedService } from './start-servers.ts';
import { startWorker } from './start-worker.ts';
import type { WorkerCommand } from './start-worker.ts';

/** Another living process owns the machine of this folder: use that one, or stop it. */
export class MachineHeldError extends Error {
  readonly owner: ProcessIdentity;

  constructor(folder: string, owner: ProcessIdentity) {
    super(`The machine in ${folder} runs already, as process ${owner.pid}. \`hourloom down\` stops it.`);
    this.name = 'MachineHeldError';
    this.owner = owner;
  }
}

export interface StartMachineOptions {
  /** Where its data, logs and keys are kept: `.hourloom`. */
  readonly folder: string;
  /** Servers that a person named: they are used, and none of ours started in their place. */
  readonly given: GivenAddresses;
  /** Absent: a machine that only serves data. */
  readonly worker?: WorkerCommand;
  /** Absent: nothing is served. Needs the worker, which makes what it reads. */
  readonly api?: WorkerCommand;
  /** Ports that must be had; a taken one is a `ConfigurationError`. For the others any will do. */
  readonly ports?: MachinePorts;
  /** Throws the data of the machine's own servers away first; keys and logs stay. */
  readonly fresh?: boolean;
  /** PATH and XDG_CACHE_HOME tell where the servers' programs are; Go gets all of it. */
  readonly env: NodeJS.ProcessEnv;
  /** A person started it and will stop it. */
  readonly attended: boolean;
  /** Takes one line for people about what takes long or went wrong. */
  readonly report: (line: string) => void;
}

/**
 * Starts the machine of a folder. It is ready when this resolves, and nothing of it runs when this rejects: with a
 * `MachineHeldError` where another process owns it, a `ConfigurationError`, or an `UnreachableError`.
 */
export async function startMachine(options: StartMachineOptions): Promise<Machine> {
  const folder = machineFolder(options.folder);
  const lock = await takeProcessLock(folder.lock);
  if (lock.state === 'held') throw new MachineHeldError(folder.path, lock.holder);
  try {
    return await startOwned(options, folder, lock.release);
  } catch (error) {
    await lock.release();
    throw error;
  }
}

async function startOwned(
  options: StartMachineOptions,
  folder: MachineFolder,
  release: () => Promise<void>,
): Promise<Machine> {
  if (options.fresh) await emptyData(folder);
  const owner = await identifySelf();
  const { attended } = options;
  const before = (await readMachineFile(folder.file)) ?? newMachineFile();
  const { erasureKey = newErasureKey() } = before;
  const file = { ...before, erasureKey };
  await writeMachineFile(folder.file, { ...file, run: { state: 'starting', owner, attended } });

  const logs = openMachineLogs(folder, options.report);
  const { report } = logs;
  const services: StartedService[] = [];
  try {
    const { ports = {}, given, env } = options;
    const openLog = logs.open;
    const { addresses, ports: had, servers } = await startServers({ folder, file, given, ports, env, report, openLog });
    services.push(...servers);
    if (options.worker) {
      // A warehouse that somebody else keeps outlives this folder, and so must the key to it.
      const keys = given.databaseUrl === undefined ? erasureEnvironment(options.worker.env, erasureKey) : {};
      const worker = { ...options.worker, env: { ...options.worker.env, ...keys } };
      const start = { worker, addresses, log: openLog('worker') };
      const service = await startWorker(start);
      services.push({
        name: 'worker',
        title: 'The worker',
        service,
        restart: (abort) => startWorker({ ...start, abort }),
      });
    }
    const served =
      options.api && (await startApiPart({ api: options.api, addresses, report, openLog }, file.ports.api));
    if (served) services.push(served.server);
    return await runMachine({
      folder,
      file: { keys: file.keys, erasureKey, ports: { ...file.ports, ...had, ...(served && { api: served.port }) } },
      owner,
      attended,
      addresses: { ...addresses, ...(served && { apiUrl: `http://127.0.0.1:${served.port}` }) },
      services,
      report,
      async ended() {
        logs.close();
        await release();
      },
    });
  } catch (error) {
    await Promise.all(services.map(({ service }) => service.kill()));
    await writeMachineFile(folder.file, { ...file, run: { state: 'stopped' } });
    logs.close();
    throw error;
  }
}

interface ApiPart {
  readonly api: WorkerCommand;
  readonly addresses: MachineAddresses;
  readonly report: (line: string) => void;
  readonly openLog: (name: ServiceName) => ServiceLog;
}

/** All else goes on without it: who may not read as the API must is told so, and loses nothing but the API. */
async function startApiPart(
  { api, addresses, report, openLog }: ApiPart,
  before: number | undefined,
): Promise<{ readonly port: number; readonly server: StartedService } | undefined> {
  const log = openLog('api');
  const start = (port: number, abort?: AbortSignal) => startApi({ api, addresses, port, log, ...(abort && { abort }) });
  try {
    return await startOnFreePort([before ?? USUAL_PORTS.api, USUAL_PORTS.api], async (port) => {
      const service = await start(port);
      return { port, server: { name: 'api', title: 'The API', service, restart: (abort) => start(port, abort) } };
    });
  } catch (error) {
    report(error instanceof Error ? error.message : String(error));
    return undefined;
  }
}

async function emptyData({ postgres, objects, temporal }: MachineFolder): Promise<void> {
  await Promise.all([postgres, objects, temporal].map((path) => rm(path, { recursive: true, force: true })));
}
