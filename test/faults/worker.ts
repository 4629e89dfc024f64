/**
 * A worker process that a test can kill at one exact place: it tells its parent when it is there, and then stands
 * still until SIGKILL comes. What it should do is in its arguments, as JSON.
 */
import { Runtime } from '@temporalio/worker';
import { findPipeline } from '../../define/index.ts';
import { openLake } from '../../lake/open-lake.ts';
import type { Lake } from '../../lake/open-lake.ts';
import { openWarehouse } from '../../warehouse/open-warehouse.ts';
import { createWorker } from '../../worker/create-worker.ts';
import { makeTelemetry } from '../hour/telemetry.ts';

export interface FaultyWorkerInput {
  readonly pipeline: string;
  readonly taskQueue: string;
  readonly temporalAddress: string;
  readonly databaseUrl: string;
  readonly lake: Parameters<typeof openLake>[0];
  readonly workflowBundlePath: string;
  /** Stand still when a request for this comes: an operation of S3 and how its key begins. */
  readonly stopAt: { readonly operation: 'list' | 'get' | 'put'; readonly keyPrefix: string } | undefined;
}

const input = JSON.parse(process.argv[2] ?? '') as FaultyWorkerInput;
Runtime.install({ logger: { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} } });

const { spec, contracts } = findPipeline(makeTelemetry(input.pipeline)) ?? raise('This is no pipeline.');
const { worker } = await createWorker({
  lake: standStill(openLake(input.lake)),
  warehouse: openWarehouse({ url: input.databaseUrl, maxConnections: 4, applicationName: 'faulty worker' }),
  pipelines: new Map([[spec.name, { spec, contracts }]]),
  derived: new Map(),
  functions: new Map(),
  taskQueue: input.taskQueue,
  temporalAddress: input.temporalAddress,
  workflows: { workflowBundle: { codePath: input.workflowBundlePath } },
});
process.send?.('ready');
await worker.run();

/** Lets every request pass but the one to stop at, which never gets an answer. */
function standStill(lake: Lake): Lake {
  const { stopAt } = input;
  if (!stopAt) return lake;
  const reached = (operation: string, key: string): boolean => {
    const isThere = operation === stopAt.operation && key.startsWith(stopAt.keyPrefix);
    if (isThere) process.send?.('reached');
    return isThere;
  };
  const never = new Promise<never>(() => {});
  const s3 = new Proxy(lake.s3, {
    get(target, name) {
      if (name !== 'send') return Reflect.get(target, name) as unknown;
      return (
        command: { readonly constructor: { readonly name: string }; readonly input: Record<string, string> },
        ...rest: never[]
      ) => {
        const operation = /^(List|Get|Put)/u.exec(command.constructor.name)?.[1]?.toLowerCase() ?? '';
        if (reached(operation, command.input['Key'] ?? command.input['Prefix'] ?? '')) return never;
        return (target.send as (...given: readonly unknown[]) => unknown).call(target, command, ...rest);
      };
    },
  });
  const http = new Proxy(lake.http, {
    get(target, name) {
      if (name !== 'request') return Reflect.get(target, name) as unknown;
      return (options: Parameters<typeof target.request>[0]) => {
        // Buckets are addressed by path: `/bucket/key`.
        if (reached(options.method.toLowerCase(), options.path.split('/').slice(2).join('/'))) return never;
        return target.request(options);
      };
    },
  });
  return { ...lake, s3, http };
}

function raise(what: string): never {
  throw new Error(what);
}
