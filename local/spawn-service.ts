import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { CONFIGURATION_EXIT_CODE, ConfigurationError, UnreachableError } from '../config/errors.ts';
import { bindToParent, watchParent } from './bind-to-parent.ts';

/** Takes what a service writes to its output, in pieces that need not be whole lines. */
export type ServiceLog = (text: string) => void;

/** How a process ended: by itself with a code, or by a signal. */
export interface ServiceExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A running server of ours. It dies with this process, even when that is killed by SIGKILL. */
export interface Service {
  readonly pid: number;
  /** Settles when the process has ended, for whatever reason; never rejects. */
  readonly exited: Promise<ServiceExit>;
  /** Asks it to end, ends it by force after `forceMs`, and waits until it is gone. Safe to call twice. */
  stop(options?: { readonly forceMs?: number }): Promise<void>;
  /** Ends it at once, without goodbye; what it holds on disk survives. */
  kill(): Promise<void>;
}

export interface ServiceOptions {
  /** What people call it: `Postgres`. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** The whole environment; this process's own where it is not given. */
  readonly env?: Readonly<Record<string, string>>;
  /** Another user to run as; only root can ask for that. */
  readonly runAs?: { readonly uid: number; readonly gid: number };
  readonly log: ServiceLog;
  /**
   * `'message'`: a program of ours, ready when it calls `process.send('ready')`; `process.send({ problem })` says in a
   * sentence why it will not be. A function: ready when that says so.
   */
  readonly ready: 'message' | (() => Promise<boolean>);
  /**
   * What the program itself writes once it listens. An answer at its address alone could be another program's, that
   * took the port in the last moment. One of a version that writes something else is believed after three seconds.
   */
  readonly announces?: RegExp;
  readonly readyWithinMs: number;
  /** Asks the service to end in order. */
  readonly stopSignal: NodeJS.Signals;
  /** Ends the service at once; SIGKILL unless that would leave children of it behind. */
  readonly killSignal?: NodeJS.Signals;
  /** Gives the start up: the process is ended at once. Without meaning once it is ready. */
  readonly abort?: AbortSignal | undefined;
}

/** Between two probes: short at first, for most are there at once; longer for one that recovers. */
const FIRST_PAUSE_MS = 10;
const MAX_PAUSE_MS = 100;
const BELIEVED_AFTER_MS = 3_000;
const STOP_WITHIN_MS = 5_000;
const KILL_WITHIN_MS = 2_000;
/** Output can come after the end; a child of the child could hold it open for ever. */
const LAST_WORDS_WITHIN_MS = 500;
const TAIL_CHARACTERS = 2_000;

/**
 * Starts a process and waits until it is ready. It gets a session of its own, so that Ctrl-C in a terminal reaches
 * only us and services can be stopped in order.
 */
export async function spawnService(options: ServiceOptions): Promise<Service> {
  const { name, log, ready, stopSignal, killSignal = 'SIGKILL' } = options;
  const plain = { command: options.command, args: options.args };
  const bound = bindToParent(plain, killSignal);
  const { command, args } = bound ?? plain;
  const child = spawn(command, args, {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', ...(ready === 'message' ? (['ipc'] as const) : [])],
    ...(options.env && { env: options.env }),
    ...options.runAs,
  });

  const exited = waitForExit(child);
  const closed = new Promise((resolve) => child.once('close', resolve));
  const tail = keepTail(child, log);
  if (child.pid === undefined) {
    await exited;
    throw new UnreachableError(`${name} could not be started: ${options.command} cannot be run. ${tail()}`.trim());
  }
  if (!bound) void exited.then(watchParent(child.pid, killSignal));

  const service: Service = {
    pid: child.pid,
    exited,
    async stop({ forceMs = STOP_WITHIN_MS } = {}) {
      child.kill(stopSignal);
      if (!(await within(forceMs, exited))) await service.kill();
    },
    async kill() {
      child.kill(killSignal);
      if (await within(KILL_WITHIN_MS, exited)) return;
      child.kill('SIGKILL');
      await exited;
    },
  };

  const problem = ready === 'message' ? keepProblem(child) : () => undefined;
  const announced = () => options.announces === undefined || options.announces.test(tail());
  const outcome = await Promise.race([
    exited.then(describeExit),
    (ready === 'message' ? waitForMessage(child) : waitForProbe(ready, exited, announced)).then(() => undefined),
    delay(options.readyWithinMs, `was not ready within ${options.readyWithinMs / 1_000} s`, { ref: false }),
    waitForAbort(options.abort),
  ]);
  if (outcome === undefined) return service;
  await service.kill();
  await within(LAST_WORDS_WITHIN_MS, closed);
  const message = `${name} could not be started: ${problem() ?? `it ${outcome}. Its last words:\n${tail()}`}`;
  // A program of ours says by its exit code that a person must set something first.
  const ours = ready === 'message' && (await exited).code === CONFIGURATION_EXIT_CODE;
  throw ours ? new ConfigurationError(message) : new UnreachableError(message);
}

/** The end of a process in words: `ended with exit code 1`. */
export function describeExit({ code, signal }: ServiceExit): string {
  return signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`;
}

function waitForExit(child: ChildProcess): Promise<ServiceExit> {
  return new Promise((resolve) => {
    child.on('error', () => {
      if (child.pid === undefined) resolve({ code: 127, signal: null });
    });
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
}

function waitForMessage(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.on('message', (message) => {
      if (message === 'ready') resolve();
    });
  });
}

/** What a program of ours said of why it cannot start. */
function keepProblem(child: ChildProcess): () => string | undefined {
  let problem: string | undefined;
  child.on('message', (message) => {
    if (typeof message === 'object' && 'problem' in message) problem = String(message.problem);
  });
  return () => problem;
}

function waitForAbort(abort: AbortSignal | undefined): Promise<string> {
  return new Promise((resolve) => {
    const give = () => resolve('was no longer wanted');
    if (abort?.aborted) give();
    abort?.addEventListener('abort', give, { once: true });
  });
}

async function waitForProbe(
  probe: () => Promise<boolean>,
  exited: Promise<ServiceExit>,
  announced: () => boolean,
): Promise<void> {
  let gone = false;
  void exited.then(() => (gone = true));
  for (let pauseMs = FIRST_PAUSE_MS; !gone && !(await probe()); pauseMs = Math.min(pauseMs * 1.3, MAX_PAUSE_MS)) {
    await delay(pauseMs);
  }
  for (const until = Date.now() + BELIEVED_AFTER_MS; !gone && !announced() && Date.now() < until;) {
    await delay(FIRST_PAUSE_MS);
  }
  // A probe that another program's server answers must not win against our own process's end.
  if (gone) await new Promise(() => undefined);
}

/** Passes all output on and remembers its end, for the message of a failed start. */
function keepTail(child: ChildProcess, log: ServiceLog): () => string {
  let tail = '';
  const take = (text: string) => {
    tail = (tail + text).slice(-TAIL_CHARACTERS);
    log(text);
  };
  child.on('error', (error) => take(`${error.message}\n`));
  child.stdout?.setEncoding('utf8').on('data', take);
  child.stderr?.setEncoding('utf8').on('data', take);
  return () => tail.trim();
}

async function within(ms: number, event: Promise<unknown>): Promise<boolean> {
  const timer = new AbortController();
  const late = delay(ms, false, { signal: timer.signal }).catch(() => false);
  const inTime = await Promise.race([event.then(() => true), late]);
  timer.abort();
  return inTime;
}
