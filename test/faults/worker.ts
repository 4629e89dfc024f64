/**
 * A worker process that a test can kill at one exact place: it tells its parent when it is there, and then stands
 * still until SIGKILL comes. What it should do is in its arguments, as JSON.
 */
import { Runtime } from '@temporalio/worker';
import { findPipeline } from '../../define/index.ts';
import { openLake } from '../../lake/open-lake.ts';
import { openWarehouse } from '../../warehouse/open-warehouse.ts';
import { createWorker } from '../../worker/create-worker.ts';
import { makeTelemetry } from '../hour/telemetry.ts';
import { standStill } from './stand-still.ts';
import type { StopAt } from './stand-still.ts';

export interface FaultyWorkerInput {
  readonly pipeline: string;
  readonly taskQueue: string;
  readonly temporalAddress: string;
  readonly databaseUrl: string;
  readonly lake: Parameters<typeof openLake>[0];
  readonly workflowBundlePath: string;
  readonly stopAt: StopAt | undefined;
}

const input = JSON.parse(process.argv[2] ?? '') as FaultyWorkerInput;
Runtime.install({ logger: { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} } });

const { spec, contracts } = findPipeline(makeTelemetry(input.pipeline)) ?? raise('This is no pipeline.');
const { worker } = await createWorker({
  lake: standStill(openLake(input.lake), input.stopAt, () => process.send?.('reached')),
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

function raise(what: string): never {
  throw new Error(what);
}
