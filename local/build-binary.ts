import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ConfigurationError } from '../config/errors.ts';
import { bindToParent } from './bind-to-parent.ts';
import { takeProcessLock } from './process-lock.ts';
import { describeExit } from './spawn-service.ts';

const BUILD_WITHIN_MS = 30 * 60_000;
const SAY_SO_EVERY_MS = 15_000;
const LOOK_AGAIN_MS = 500;
const TAIL_CHARACTERS = 2_000;

/** A server that is no npm package, and how to get it. */
export interface BinarySource {
  /** Its program's name. */
  readonly program: string;
  /** What people call it. */
  readonly title: string;
  /** Its Go package with the version that is known to work. */
  readonly goPackage: string;
  /** How long building it takes, in words. */
  readonly buildTime: string;
  /** How the files begin that another tool of the same family leaves in the temporary folder. */
  readonly downloadPrefix?: string;
  /** What a person can do instead. */
  readonly instead: string;
}

export interface BuildBinaryOptions {
  /** The Go program. */
  readonly go: string;
  /** The folder the result goes into. */
  readonly cache: string;
  readonly env: NodeJS.ProcessEnv;
  readonly report: (line: string) => void;
}

/** Builds a server with Go into the cache; of several processes at once one builds and the others wait for it. */
export async function buildBinary(source: BinarySource, options: BuildBinaryOptions): Promise<string> {
  const { cache, report } = options;
  const binary = join(cache, source.program);
  const deadline = Date.now() + BUILD_WITHIN_MS;
  for (let waited = false; ; waited = true) {
    const lock = await takeProcessLock(`${binary}.building`);
    try {
      if (isExecutable(binary)) return binary;
      if (lock.state === 'ours') {
        await build(source, options, binary);
        return binary;
      }
    } finally {
      if (lock.state === 'ours') await lock.release();
    }
    if (!waited) report(`Waiting for process ${lock.holder.pid}, which is building ${source.title}…`);
    if (Date.now() > deadline) {
      throw new ConfigurationError(
        `Process ${lock.holder.pid} has been building ${source.title} for too long. Stop it and try again.`,
      );
    }
    await delay(LOOK_AGAIN_MS);
  }
}

async function build(
  { program, title, goPackage, buildTime, instead }: BinarySource,
  { go, cache, env, report }: BuildBinaryOptions,
  binary: string,
): Promise<void> {
  const unfinished = join(cache, `${program}.unfinished`);
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { recursive: true });

  const started = Date.now();
  const seconds = () => Math.round((Date.now() - started) / 1_000);
  report(`Building ${title} with Go into ${cache}: ${buildTime}, once…`);
  const progress = setInterval(() => report(`Building ${title}: ${seconds()} s so far`), SAY_SO_EVERY_MS);
  try {
    const result = await runGo(go, ['install', goPackage], { ...env, GOBIN: unfinished });
    if (result.problem !== undefined) {
      throw new ConfigurationError(
        `Go could not build ${title} (${goPackage}): ${result.problem}. Check that it can download modules, ` +
          `or ${instead}. It said:\n${result.tail}`,
      );
    }
    await rename(join(unfinished, program), binary);
    report(`Built ${title} in ${seconds()} s`);
  } finally {
    clearInterval(progress);
    await rm(unfinished, { recursive: true, force: true });
  }
}

async function runGo(
  go: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<{ readonly problem: string | undefined; readonly tail: string }> {
  const line = bindToParent({ command: go, args }, 'SIGKILL') ?? { command: go, args };
  const child = spawn(line.command, line.args, {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: BUILD_WITHIN_MS,
    killSignal: 'SIGKILL',
  });
  let tail = '';
  const take = (text: string) => (tail = (tail + text).slice(-TAIL_CHARACTERS));
  child.stdout.setEncoding('utf8').on('data', take);
  child.stderr.setEncoding('utf8').on('data', take);
  const problem = await new Promise<string | undefined>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(code === 0 ? undefined : `it ${describeExit({ code, signal })}`));
  });
  return { problem, tail: tail.trim() };
}

/** Whether this is a program that we may run. */
export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
