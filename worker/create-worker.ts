import { Client, isGrpcServiceError } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { NativeConnection, TransportError, Worker } from '@temporalio/worker';
import type { WorkerOptions } from '@temporalio/worker';
import { createActivities } from '../activities/index.ts';
import type { Dependencies } from '../activities/index.ts';
import { createPools } from '../activities/make/pools.ts';
import { createStarter } from '../client/create-starter.ts';
import { explainTemporalError, TemporalRefusedError, TemporalUnreachableError } from '../client/reach-temporal.ts';
import type { AssetKey } from '../model/asset-key.ts';
import type { DerivedSpec } from '../model/derived-spec.ts';
import { buildGraph } from '../model/graph.ts';
import { backfillTaskQueue } from '../model/task-queue.ts';
import { beatWhileRunning } from './beat-while-running.ts';
import { joinWorkers } from './join-workers.ts';
import type { RunningParts } from './join-workers.ts';
import { terminalErrors } from './terminal-errors.ts';

/** How many steps are done at once: those of live runs, and those of backfills, which leave room for the others. */
const LIVE_SLOTS = 16;
const BACKFILL_SLOTS = 8;

/** A backfill's runs are short, and never more than its width. */
const MAX_CACHED_BACKFILL_RUNS = 200;

/** As many operations on the warehouse as there can be at once, with some for steps within a workflow's own task. */
export const MAX_WAREHOUSE_OPERATIONS = LIVE_SLOTS + 2 * BACKFILL_SLOTS + 8;

export interface WorkerParts extends Pick<
  Dependencies,
  'lake' | 'warehouse' | 'pipelines' | 'functions' | 'checkFunctions' | 'erasureKeys'
> {
  readonly derived: ReadonlyMap<AssetKey, DerivedSpec>;
  /** What functions may ask for, by name; none where it is left out. */
  readonly secrets?: ReadonlyMap<string, string>;
  readonly taskQueue: string;
  /** Goes before Temporal's own environment variables; undefined leaves it to them. */
  readonly temporalAddress: string | undefined;
  /** Built by `npm run build`, or the workflows' own source for tests. */
  readonly workflows: Pick<WorkerOptions, 'workflowBundle' | 'workflowsPath'>;
}

/** A worker that is ready to run, and the connection that must be closed after it. */
export interface CreatedWorker {
  readonly worker: RunningParts;
  readonly connection: NativeConnection;
  readonly client: Client;
  readonly namespace: string;
}

/** Joins all: the activities with their lake and warehouse, the workflows' code, and Temporal. */
export async function createWorker({
  taskQueue,
  temporalAddress,
  workflows,
  derived,
  secrets = new Map(),
  ...parts
}: WorkerParts): Promise<CreatedWorker> {
  const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
  const address = temporalAddress ?? connectionOptions.address ?? 'localhost:7233';
  const loopback = isLoopback(address);
  const connection = await NativeConnection.connect({
    ...connectionOptions,
    address,
    // On loopback compressing costs up to 40 % of the CPU and saves nothing.
    ...(loopback ? { grpcCompression: { codec: 'none' } } : {}),
  }).catch((error: unknown) => {
    throw error instanceof TransportError ? new TemporalUnreachableError(address, { cause: error }) : error;
  });
  try {
    await assertNamespace(connection, address, namespace);
    const client = new Client({ connection, namespace });
    const graph = buildGraph(
      [...parts.pipelines.values()].map(({ spec }) => spec),
      [...derived.values()],
    );
    const reach = {
      ...parts,
      secrets,
      pools: createPools(parts.warehouse),
      graph,
      starter: createStarter(client, taskQueue),
    };
    const shared: Omit<WorkerOptions, 'taskQueue'> = {
      connection,
      namespace,
      activities: createActivities(reach),
      interceptors: { activity: [() => ({ inbound: terminalErrors }), () => ({ inbound: beatWhileRunning })] },
      shutdownGraceTime: loopback ? '4 seconds' : '10 seconds',
      shutdownForceTime: loopback ? '7 seconds' : '30 seconds',
    };
    const live = await Worker.create({
      ...shared,
      ...workflows,
      taskQueue,
      maxCachedWorkflows: 500,
      maxConcurrentActivityTaskExecutions: LIVE_SLOTS,
    });
    const backfill = await Worker.create({
      ...shared,
      ...workflows,
      taskQueue: backfillTaskQueue(taskQueue),
      maxCachedWorkflows: MAX_CACHED_BACKFILL_RUNS,
      maxConcurrentActivityTaskExecutions: BACKFILL_SLOTS,
      maxConcurrentLocalActivityExecutions: BACKFILL_SLOTS,
    });
    return { worker: joinWorkers([live, backfill]), connection, client, namespace };
  } catch (error) {
    // Left open, it would keep the process alive.
    await connection.close();
    throw explainTemporalError(address, error);
  }
}

/** Asked first, because the worker itself would say it with a page of the server's words. */
async function assertNamespace(connection: NativeConnection, address: string, namespace: string): Promise<void> {
  try {
    await connection.workflowService.describeNamespace({ namespace });
  } catch (error) {
    const code: number | undefined = isGrpcServiceError(error) ? error.code : undefined;
    if (code !== GRPC_NOT_FOUND) throw error;
    throw new TemporalRefusedError(address, `it has no namespace "${namespace}"`, { cause: error });
  }
}

const GRPC_NOT_FOUND = 5;

function isLoopback(address: string): boolean {
  return /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::|$)/u.test(address);
}
