import { fileURLToPath } from 'node:url';
import { connectClient } from '../../client/connect-client.ts';
import { ensureBucket } from '../../lake/ensure-bucket.ts';
import { openLake } from '../../lake/open-lake.ts';
import type { Lake } from '../../lake/open-lake.ts';
import { holdMachine } from '../../local/hold-machine.ts';
import type { MachineAddresses } from '../../local/machine-file.ts';
import { startMachine } from '../../local/start-machine.ts';
import type { Command, CommandContext } from '../command.ts';
import { RunFailedError } from '../errors.ts';
import { keepFeeding, makeSampleWindows } from '../sample.ts';
import type { MadeWindow } from '../sample.ts';
import { publicAddresses, writeUp } from '../write-up.ts';

export interface UpOptions {
  readonly sample?: boolean;
  readonly once?: boolean;
  readonly fresh?: boolean;
  readonly detached?: boolean;
}

const WORKER = fileURLToPath(new URL('../../worker/main.js', import.meta.url));
const IDLE_MS = 10 * 60_000;

/**
 * Starts the machine and holds it: until a signal, with `--once` until the sample's windows are made, with
 * `--detached` until no command has used it for ten minutes. Only one that a person started touches schedules.
 */
export const up: Command<UpOptions> = async (context, options) => {
  const { config, environment, output } = context;
  const { pipelines } = await context.loadDefinitions();
  const schedules = options.detached !== true && options.once !== true && config.schedules;
  const machine = await startMachine({
    folder: config.folder,
    given: config,
    worker: {
      command: process.execPath,
      args: [WORKER],
      env: { ...environment, HOURLOOM_SCHEDULES: schedules ? 'on' : 'off' },
    },
    fresh: options.fresh === true,
    env: environment,
    report: output.note,
  });

  const ended = new AbortController();
  const holding = holdMachine(machine, {
    folder: config.folder,
    report: output.note,
    ...(options.detached === true ? { idleMs: IDLE_MS } : {}),
  }).finally(() => ended.abort());

  const lake = openLake({ ...machine.addresses.s3, bucket: config.lakeBucket });
  try {
    if (config.s3.endpoint === undefined) {
      for (const { spec } of pipelines.values()) await ensureBucket(lake, { bucket: spec.source.bucket, role: 'source' });
    }
    const made = options.sample === true ? await makeSamples(context, machine.addresses, lake) : [];
    output.result({ ...publicAddresses(machine.addresses), made }, writeUp(machine.addresses, config.lakeBucket, made));
    if (options.once === true) {
      await machine.stop();
      const failed = made.filter(({ result }) => result.outcome === 'failed');
      if (failed.length > 0) throw new RunFailedError(`${failed.length} of ${made.length} windows failed; the table says why.`);
    }
    if (options.sample === true) for (const pipeline of pipelines.values()) keepFeeding(pipeline, lake, output.note, ended.signal);
    await holding;
  } finally {
    await lake.close();
  }
};

async function makeSamples(
  { config, output, loadDefinitions }: CommandContext,
  addresses: MachineAddresses,
  lake: Lake,
): Promise<readonly MadeWindow[]> {
  const { pipelines } = await loadDefinitions();
  await using connected = await connectClient(addresses.temporalAddress);
  const made: MadeWindow[] = [];
  for (const pipeline of pipelines.values()) {
    made.push(
      ...(await makeSampleWindows(pipeline, { client: connected.client, lake, taskQueue: config.taskQueue, output, now: Date.now() })),
    );
  }
  return made;
}
