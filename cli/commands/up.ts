import { fileURLToPath } from 'node:url';
import { connectClient } from '../../client/connect-client.ts';
import { ensureBucket } from '../../lake/ensure-bucket.ts';
import { openLake } from '../../lake/open-lake.ts';
import { holdMachine } from '../../local/hold-machine.ts';
import type { MachineAddresses } from '../../local/machine-file.ts';
import type { DeclaredPipeline } from '../../define/definitions.ts';
import type { Command, CommandContext } from '../command.ts';
import { RunFailedError, UsageError } from '../errors.ts';
import { keepFeeding, makeSampleWindows } from '../sample.ts';
import type { MadeWindow } from '../sample.ts';
import { takeMachine } from '../take-machine.ts';
import type { RunningMachine } from '../take-machine.ts';
import { publicAddresses, writeUp } from '../write-up.ts';

export interface UpOptions {
  readonly sample?: boolean;
  readonly once?: boolean;
  readonly fresh?: boolean;
  readonly detached?: boolean;
}

const WORKER = fileURLToPath(new URL('../../worker/main.js', import.meta.url));
const API = fileURLToPath(new URL('../../web/server/main.js', import.meta.url));
const IDLE_MS = 10 * 60_000;

/**
 * Starts the machine and holds it: until a signal, with `--once` until the sample's windows are made, with
 * `--detached` until no command has used it for ten minutes. Only one that a person started touches schedules.
 */
export const up: Command<UpOptions> = async (context, options) => {
  const { config, environment, output } = context;
  // A broken definition is said before anything is started.
  const pipelines = [...(await context.loadDefinitions()).pipelines.values()];
  const detached = options.detached === true;
  const taken = await takeMachine({
    folder: config.folder,
    given: config,
    worker: {
      command: process.execPath,
      args: [WORKER],
      // The one worker of this machine: what a person starts here is what is meant, also where a change was undone.
      env: {
        ...environment,
        HOURLOOM_DEPLOY: 'back',
        HOURLOOM_SCHEDULES: detached || !config.schedules ? 'off' : 'on',
      },
    },
    // Commands that start a machine in the background ask nothing of it.
    ...(detached ? {} : { api: { command: process.execPath, args: [API], env: environment } }),
    fresh: options.fresh === true,
    env: environment,
    attended: !detached,
    report: output.note,
  });
  if (taken.state === 'running') return detached ? undefined : useRunning(context, options, pipelines, taken);

  const { machine } = taken;
  const ended = new AbortController();
  const held = holdMachine(machine, {
    folder: config.folder,
    report: output.note,
    ...(detached ? { idleMs: IDLE_MS } : {}),
  }).finally(() => ended.abort());
  const work = fillMachine(context, options, pipelines, machine.addresses);
  try {
    const made = await Promise.race([work, held]);
    // Ended by a signal while the sample was being made: what that says of lost connections is no news.
    if (!made) return void work.catch(() => undefined);
    if (options.once === true) {
      await machine.stop();
      assertMade(made);
    } else if (options.sample === true) {
      feedOn(pipelines, context, machine.addresses, ended.signal);
    }
  } catch (error) {
    await machine.stop();
    throw error;
  } finally {
    await held;
  }
};

/** Another `up` holds the machine: says where it is, and makes the sample there if it is asked for. */
async function useRunning(
  context: CommandContext,
  options: UpOptions,
  pipelines: readonly DeclaredPipeline[],
  { addresses, pid }: RunningMachine,
): Promise<void> {
  if (options.fresh === true) {
    throw new UsageError(`--fresh throws data away, and process ${pid} uses it. Stop that one first: hourloom down`);
  }
  context.output.note(`It runs already, started by process ${pid}. \`hourloom down\` stops it.`);
  assertMade(await fillMachine(context, options, pipelines, addresses));
}

/** Makes the source buckets and, if asked, the sample; then says where everything is. */
async function fillMachine(
  { config, output }: CommandContext,
  options: UpOptions,
  pipelines: readonly DeclaredPipeline[],
  addresses: MachineAddresses,
): Promise<readonly MadeWindow[]> {
  const lake = openLake({ ...addresses.s3, bucket: config.lakeBucket });
  try {
    if (config.s3.endpoint === undefined) {
      for (const { source } of pipelines.map(({ spec }) => spec)) {
        if (source.kind === 's3') await ensureBucket(lake, { bucket: source.bucket, role: 'source' });
      }
    }
    const made: MadeWindow[] = [];
    if (options.sample === true) {
      await using connected = await connectClient(addresses.temporalAddress);
      const parts = { connected, lake, taskQueue: config.taskQueue, output, now: Date.now() };
      for (const pipeline of pipelines) made.push(...(await makeSampleWindows(pipeline, parts)));
    }
    if (options.detached !== true)
      output.result({ ...publicAddresses(addresses), made }, writeUp(addresses, config.lakeBucket, made));
    return made;
  } finally {
    await lake.close();
  }
}

/** Lets the sample's present window grow with the clock, until `signal`. */
function feedOn(
  pipelines: readonly DeclaredPipeline[],
  { config, output }: CommandContext,
  { s3 }: MachineAddresses,
  signal: AbortSignal,
): void {
  const lake = openLake({ ...s3, bucket: config.lakeBucket });
  for (const pipeline of pipelines) keepFeeding(pipeline, lake, output.note, signal);
  signal.addEventListener('abort', () => void lake.close(), { once: true });
}

function assertMade(made: readonly MadeWindow[]): void {
  const failed = made.filter(({ result }) => result.outcome === 'failed');
  if (failed.length > 0)
    throw new RunFailedError(`${failed.length} of ${made.length} windows failed; the table says why.`);
}
