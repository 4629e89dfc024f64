import type { MachineAddresses } from './machine-file.ts';
import { spawnService } from './spawn-service.ts';
import type { Service, ServiceLog } from './spawn-service.ts';

const READY_WITHIN_MS = 60_000;

/** How to run the worker, or another program of ours. It must call `process.send('ready')` once it takes work, and end on SIGTERM. */
export interface WorkerCommand {
  readonly command: string;
  readonly args: readonly string[];
  /** Its whole environment but for the addresses, which are added. */
  readonly env: NodeJS.ProcessEnv;
}

export interface StartWorkerOptions {
  readonly worker: WorkerCommand;
  readonly addresses: MachineAddresses;
  readonly log: ServiceLog;
  readonly abort?: AbortSignal;
}

/** Starts the worker and waits until it says that it takes work. */
export function startWorker({ worker, addresses, log, abort }: StartWorkerOptions): Promise<Service> {
  return spawnService({
    name: 'The worker',
    command: worker.command,
    args: worker.args,
    env: programEnvironment(worker, addresses),
    log,
    abort,
    ready: 'message',
    readyWithinMs: READY_WITHIN_MS,
    stopSignal: 'SIGTERM',
  });
}

/** All that one of our programs finds in its environment. */
export function programEnvironment({ env }: WorkerCommand, addresses: MachineAddresses): Record<string, string> {
  return { ...dropUndefined(env), ...addressEnvironment(addresses) };
}

/** The addresses as the variables that our programs, the AWS SDK and Temporal's tools read. */
export function addressEnvironment({ temporalAddress, databaseUrl, s3 }: MachineAddresses): Record<string, string> {
  return dropUndefined({
    TEMPORAL_ADDRESS: temporalAddress,
    DATABASE_URL: databaseUrl,
    AWS_ENDPOINT_URL_S3: s3.endpoint,
    AWS_REGION: s3.region,
    AWS_ACCESS_KEY_ID: s3.credentials?.accessKeyId,
    AWS_SECRET_ACCESS_KEY: s3.credentials?.secretAccessKey,
    AWS_SESSION_TOKEN: s3.credentials?.sessionToken,
  });
}

function dropUndefined(values: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
