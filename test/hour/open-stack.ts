import { getS3Source } from '../../model/get-s3-source.ts';
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, makeTelemetryFilterString, Runtime } from '@temporalio/worker';
import type { Client } from '@temporalio/client';
import { connectClient } from '../../client/connect-client.ts';
import { startHour } from '../../client/start-hour.ts';
import type { StartedHour } from '../../client/start-hour.ts';
import { findCheckFunctions, findDerived, findDerivedFunction, findPipeline } from '../../define/index.ts';
import type { Asset, Derived, Pipeline } from '../../define/index.ts';
import { ensureBucket } from '../../lake/ensure-bucket.ts';
import { openLake } from '../../lake/open-lake.ts';
import type { Lake } from '../../lake/open-lake.ts';
import { putObject } from '../../lake/put-object.ts';
import type { PipelineName } from '../../model/asset-key.ts';
import type { HourInput, HourResult } from '../../model/hour-run.ts';
import type { ErasureKey } from '../../record/erasure-key.ts';
import type { PipelineDefinition } from '../../record/pipeline-definition.ts';
import { ensureTables } from '../../warehouse/ensure-tables.ts';
import { MIGRATIONS_FOLDER, migrateUp } from '../../warehouse/migrate.ts';
import { openWarehouse } from '../../warehouse/open-warehouse.ts';
import type { Warehouse } from '../../warehouse/open-warehouse.ts';
import { createWorker } from '../../worker/create-worker.ts';
import type { CreatedWorker } from '../../worker/create-worker.ts';
import type { TestServices } from '../support/global-setup.ts';
import { createBucket, createDatabase, services } from '../support/services.ts';

/** All that one test file's hours need, on the run's real servers: a database, a lake and a task queue of its own. */
export interface Stack {
  readonly databaseUrl: string;
  readonly lakeBucket: string;
  readonly taskQueue: string;
  readonly lake: Lake;
  readonly warehouse: Warehouse;
  readonly client: Client;
  /** Puts files into the pipeline's source bucket, which is made when it is not there. */
  feed(files: Iterable<{ readonly key: string; readonly body: string | Uint8Array }>): Promise<void>;
  /** Starts the window's run, or joins it. */
  start(start: number, input?: HourInput): Promise<StartedHour>;
  /** Starts the window's run and waits for its end. */
  run(start: number, input?: HourInput): Promise<HourResult>;
  close(): Promise<void>;
}

/** The pipeline's definition as the worker takes it. */
export function definitionOf(pipeline: Pipeline | Asset): PipelineDefinition {
  const definition = findPipeline(pipeline);
  if (!definition) throw new Error('This is no pipeline.');
  return definition;
}

let bundle: Promise<{ readonly code: string }> | undefined;

/** The workflows' code from the sources, bundled once for each test file. */
export function bundleWorkflows(): Promise<{ readonly code: string }> {
  const silent = { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error: console.error };
  const workflowsPath = fileURLToPath(new URL('../../workflows/index.ts', import.meta.url));
  return (bundle ??= bundleWorkflowCode({ workflowsPath, logger: silent }));
}

export interface StackOptions {
  /** Without one where the test starts its own. */
  readonly worker?: boolean;
  /** What is computed from the pipeline. */
  readonly derived?: readonly Derived[];
  /** Another Temporal than the run's: one that the test may kill. */
  readonly temporalAddress?: string;
  /** What functions may ask for, by name. */
  readonly secrets?: ReadonlyMap<string, string>;
  /** Another S3 than the run's. */
  readonly s3?: TestServices['s3'];
  /** By which persons are erased. */
  readonly erasureKeys?: readonly ErasureKey[];
}

/** Opens a stack for one pipeline and what is derived from it. */
export async function openStack(
  pipeline: Pipeline | Asset,
  {
    worker: withWorker = true,
    derived: declared = [],
    temporalAddress = services().temporalAddress,
    secrets = new Map(),
    s3 = services().s3,
    erasureKeys = [],
  }: StackOptions = {},
): Promise<Stack> {
  const derived = new Map(declared.flatMap((value) => findDerived(value) ?? []).map((spec) => [spec.asset, spec]));
  const functions = new Map(
    declared.flatMap((value) => findDerivedFunction(value) ?? []).map((each) => [each.asset, each]),
  );
  const { endpoint, region, ...credentials } = s3;
  const definition = definitionOf(pipeline);
  const { spec } = definition;
  const [databaseUrl, lakeBucket] = await Promise.all([createDatabase(), createBucket('lake', s3)]);
  const lake = openLake({ endpoint, region, credentials, bucket: lakeBucket });
  const warehouse = openWarehouse({ url: databaseUrl, maxConnections: 32, applicationName: 'test' });
  await migrateUp(warehouse, MIGRATIONS_FOLDER);
  await ensureTables(warehouse, [...spec.tables, ...[...derived.values()].map(({ table }) => table)]);
  // Where records come from elsewhere there is nothing to be fed.
  const bucket = spec.source.kind === 's3' ? spec.source.bucket : undefined;
  if (bucket !== undefined) await ensureBucket(lake, { bucket, role: 'source' });

  const taskQueue = `test-${randomBytes(6).toString('hex')}`;
  const pipelines = new Map<PipelineName, PipelineDefinition>([[spec.name, definition]]);
  const connected = await connectClient(temporalAddress);
  const { client } = connected;
  let created: CreatedWorker | undefined;
  let running: Promise<void> | undefined;
  if (withWorker) {
    const workflows = { workflowBundle: await bundleWorkflows() };
    created = await createWorker({
      lake,
      warehouse,
      pipelines,
      derived,
      functions,
      checkFunctions: findCheckFunctions([pipeline, ...declared]),
      secrets,
      erasureKeys,
      taskQueue,
      temporalAddress,
      workflows,
    });
    running = created.worker.run();
  }
  const start = (at: number, input: HourInput = {}) =>
    startHour(client, { window: spec.window, partition: { pipeline: spec.name, start: at }, taskQueue, input });

  return {
    databaseUrl,
    lakeBucket,
    taskQueue,
    lake,
    warehouse,
    client,
    start,
    async feed(files) {
      const waiting = [...files].values();
      const { bucket } = getS3Source(spec);
      const putNext = async () => {
        for (const { key, body } of waiting) await putObject(lake, { bucket, key, body: Buffer.from(body) });
      };
      await Promise.all(Array.from({ length: 16 }, putNext));
    },
    run: async (at, input) => (await start(at, input)).handle.result(),
    async close() {
      created?.worker.shutdown();
      await running;
      await created?.connection.close();
      await Promise.all([connected[Symbol.asyncDispose](), lake.close(), warehouse.close()]);
    },
  };
}

/** Quiets the SDK's own log; failures are the tests' to tell. */
Runtime.install({
  logger: { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} },
  telemetryOptions: { logging: { filter: makeTelemetryFilterString({ core: 'ERROR' }) } },
});
