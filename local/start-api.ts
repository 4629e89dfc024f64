import type { MachineAddresses } from './machine-file.ts';
import { spawnService } from './spawn-service.ts';
import type { Service } from './spawn-service.ts';
import { programEnvironment } from './start-worker.ts';
import type { StartWorkerOptions, WorkerCommand } from './start-worker.ts';

const READY_WITHIN_MS = 20_000;

export interface StartApiOptions extends Omit<StartWorkerOptions, 'worker'> {
  /** The program, which takes its port as its last argument. */
  readonly api: WorkerCommand;
  readonly addresses: MachineAddresses;
  readonly port: number;
}

/** Starts the API on loopback and waits until it answers. */
export function startApi({ api, addresses, port, log, abort }: StartApiOptions): Promise<Service> {
  return spawnService({
    name: 'The API',
    command: api.command,
    args: [...api.args, String(port)],
    env: programEnvironment(api, addresses),
    log,
    abort,
    ready: 'message',
    readyWithinMs: READY_WITHIN_MS,
    stopSignal: 'SIGTERM',
  });
}
