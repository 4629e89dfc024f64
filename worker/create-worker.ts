import { Client } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { NativeConnection, Worker } from '@temporalio/worker';
import type { WorkerOptions } from '@temporalio/worker';
import { createActivities } from '../activities/index.ts';
import type { Dependencies } from '../activities/index.ts';
import { beatWhileRunning } from './beat-while-running.ts';
import { terminalErrors } from './terminal-errors.ts';

export interface WorkerParts extends Dependencies {
  readonly taskQueue: string;
  /** Goes before Temporal's own environment variables; undefined leaves it to them. */
  readonly temporalAddress: string | undefined;
  /** Built by `npm run build`, or the workflows' own source for tests. */
  readonly workflows: Pick<WorkerOptions, 'workflowBundle' | 'workflowsPath'>;
}

/** A worker that is ready to run, and the connection that must be closed after it. */
export interface CreatedWorker {
  readonly worker: Worker;
  readonly connection: NativeConnection;
  readonly client: Client;
  readonly namespace: string;
}

/** Joins all: the activities with their lake and warehouse, the workflows' code, and Temporal. */
export async function createWorker({
  taskQueue,
  temporalAddress,
  workflows,
  ...dependencies
}: WorkerParts): Promise<CreatedWorker> {
  const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
  const address = temporalAddress ?? connectionOptions.address;
  const loopback = isLoopback(address);
  const connection = await NativeConnection.connect({
    ...connectionOptions,
    ...(address === undefined ? {} : { address }),
    // On loopback compressing costs up to 40 % of the CPU and saves nothing.
    ...(loopback ? { grpcCompression: { codec: 'none' } } : {}),
  });
  const worker = await Worker.create({
    connection,
    namespace,
    taskQueue,
    ...workflows,
    activities: createActivities(dependencies),
    interceptors: { activity: [() => ({ inbound: terminalErrors }), () => ({ inbound: beatWhileRunning })] },
    maxCachedWorkflows: 500,
    maxConcurrentActivityTaskExecutions: 16,
    shutdownGraceTime: loopback ? '4 seconds' : '10 seconds',
    shutdownForceTime: loopback ? '7 seconds' : '30 seconds',
  });
  return { worker, connection, client: new Client({ connection, namespace }), namespace };
}

function isLoopback(address: string | undefined): boolean {
  return address === undefined || /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::|$)/u.test(address);
}
