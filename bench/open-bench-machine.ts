import { getS3Source } from '../model/get-s3-source.ts';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Client } from '@temporalio/client';
import { door2door } from '../assets/index.ts';
import { startHour } from '../client/start-hour.ts';
import type { StartedHour } from '../client/start-hour.ts';
import { connectClient } from '../client/connect-client.ts';
import { findPipeline } from '../define/index.ts';
import type { Pipeline } from '../define/index.ts';
import { ensureBucket } from '../lake/ensure-bucket.ts';
import { openLake } from '../lake/open-lake.ts';
import type { Lake } from '../lake/open-lake.ts';
import { putObject } from '../lake/put-object.ts';
import { findFreePort } from '../local/find-free-port.ts';
import { startMachine } from '../local/start-machine.ts';
import type { HourInput } from '../model/hour-run.ts';
import type { PipelineSpec } from '../model/pipeline-spec.ts';
import type { Instant } from '../model/window.ts';
import { openWarehouse } from '../warehouse/open-warehouse.ts';
import type { Warehouse } from '../warehouse/open-warehouse.ts';
import { measureCpu } from './measure-cpu.ts';
import { readPeakBytes } from './read-peak-bytes.ts';
import type { CpuSeconds } from './measure-cpu.ts';
import { runAtOnce } from './run-at-once.ts';

const WORKER = fileURLToPath(new URL('../dist/worker/main.js', import.meta.url));
const LAKE_BUCKET = 'hourloom-lake';
const TASK_QUEUE = 'hourloom';
const PUTS_AT_ONCE = 16;

/** A machine in a folder of its own: the real servers, a worker process from the build, and the ways to them. */
export interface BenchMachine extends AsyncDisposable {
  readonly spec: PipelineSpec;
  readonly client: Client;
  readonly lake: Lake;
  readonly warehouse: Warehouse;
  readonly taskQueue: string;
  readonly cores: number;
  /** Puts files into the source's bucket. */
  feed(files: Iterable<{ readonly key: string; readonly body: string | Buffer }>): Promise<void>;
  startHour(start: Instant, input?: HourInput): Promise<StartedHour>;
  cpu(): Promise<CpuSeconds | undefined>;
  /** The most memory that the worker has held; undefined where there is no `/proc`. */
  workerPeakBytes(): Promise<number | undefined>;
}

export interface BenchMachineOptions {
  readonly note: (line: string) => void;
  /** Where the worker leaves a CPU profile when it ends; it makes none where this is not given. */
  readonly profileFolder: string | undefined;
  readonly pipeline?: Pipeline | undefined;
}

/** Starts the machine with the project's own assets and no schedules, so that nothing runs but what the bench starts. */
export async function openBenchMachine({
  note,
  profileFolder,
  pipeline = door2door,
}: BenchMachineOptions): Promise<BenchMachine> {
  const folder = await mkdtemp(join(tmpdir(), 'hourloom-bench-'));
  const profile = profileFolder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`];
  const environment = {
    ...process.env,
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    HOURLOOM_SCHEDULES: 'off',
    HOURLOOM_LOG_LEVEL: 'warn',
    HOURLOOM_LAKE_BUCKET: LAKE_BUCKET,
    HOURLOOM_TASK_QUEUE: TASK_QUEUE,
  };
  const machine = await startMachine({
    folder,
    given: { temporalAddress: undefined, databaseUrl: undefined, s3: NO_S3 },
    // Not the usual ones: a machine that is started beside this one would want them too.
    ports: {
      temporal: await findFreePort(),
      temporalUi: await findFreePort(),
      postgres: await findFreePort(),
      s3: await findFreePort(),
    },
    worker: { command: process.execPath, args: [...profile, WORKER], env: environment },
    env: process.env,
    attended: true,
    report: note,
  });
  const { s3, databaseUrl, temporalAddress } = machine.addresses;
  const lake = openLake({ ...s3, bucket: LAKE_BUCKET });
  const warehouse = openWarehouse({ url: databaseUrl, maxConnections: 8, applicationName: 'hourloom bench' });
  const connected = await connectClient(temporalAddress);
  const { client } = connected;
  const spec = specOf(pipeline);
  const { bucket } = getS3Source(spec);
  await ensureBucket(lake, { bucket, role: 'source' });

  return {
    spec,
    client,
    lake,
    warehouse,
    taskQueue: TASK_QUEUE,
    cores: availableParallelism(),
    feed: (files) =>
      runAtOnce(files, PUTS_AT_ONCE, ({ key, body }) => putObject(lake, { bucket, key, body: Buffer.from(body) })),
    startHour: (start, input = {}) =>
      startHour(client, {
        window: spec.window,
        partition: { pipeline: spec.name, start },
        taskQueue: TASK_QUEUE,
        input,
      }),
    cpu: () => measureCpu(machine.pids()),
    workerPeakBytes: () => readPeakBytes(machine.pids()['worker']),
    async [Symbol.asyncDispose]() {
      await Promise.all([connected[Symbol.asyncDispose](), lake.close(), warehouse.close()]);
      await machine.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const NO_S3 = { endpoint: undefined, region: 'us-east-1', credentials: undefined };

function specOf(pipeline: Pipeline): PipelineSpec {
  const definition = findPipeline(pipeline);
  if (!definition) throw new Error('This is no pipeline. Give the bench one of the project’s own.');
  return definition.spec;
}
