/**
 * A shop's worker as a process that a test can kill at one exact place of an erasure: it tells its parent when it is there,
 * and then stands still until SIGKILL comes. What it should do is in its arguments, as JSON.
 */
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { findPipeline } from '../../define/index.ts';
import { openLake } from '../../lake/open-lake.ts';
import type { ErasureKey } from '../../record/erasure-key.ts';
import { openWarehouse } from '../../warehouse/open-warehouse.ts';
import { createWorker } from '../../worker/create-worker.ts';
import { standStill } from '../faults/stand-still.ts';
import type { FaultyWorkerInput } from '../faults/worker.ts';
import { shopIn } from './shop.ts';

export interface ErasingWorkerInput extends FaultyWorkerInput {
  readonly sourceBucket: string;
  readonly erasureKey: ErasureKey;
}

const input = JSON.parse(process.argv[2] ?? '') as ErasingWorkerInput;
Runtime.install({ logger: new DefaultLogger('WARN') });

const shop = findPipeline(shopIn(input.sourceBucket, { name: input.pipeline }));
if (!shop) throw new Error('This is no pipeline.');
const { worker } = await createWorker({
  lake: standStill(openLake(input.lake), input.stopAt, () => process.send?.('reached')),
  warehouse: openWarehouse({ url: input.databaseUrl, maxConnections: 8, applicationName: 'faulty worker' }),
  pipelines: new Map([[shop.spec.name, shop]]),
  derived: new Map(),
  functions: new Map(),
  erasureKeys: [input.erasureKey],
  taskQueue: input.taskQueue,
  temporalAddress: input.temporalAddress,
  workflows: { workflowBundle: { codePath: input.workflowBundlePath } },
});
process.send?.('ready');
await worker.run();
