import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { watch } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CommandContext } from './command.ts';

/** An editor writes a file in several steps, and a compiler several files. */
const QUIET_MS = 200;

/** How this program starts itself once more. */
const PROGRAM = fileURLToPath(new URL('./main.js', import.meta.url));

/** Runs a command now and after each change beside a module of definitions, one after the other, until a signal ends it. */
export async function watchDefinitions(
  { environment, output }: CommandContext,
  file: string,
  args: readonly string[],
): Promise<void> {
  const folder = dirname(file);
  const stopping = new AbortController();
  const { signal } = stopping;
  const stop = (): void => stopping.abort();
  process.once('SIGINT', stop).once('SIGTERM', stop);
  const changes = new Changes();
  const watcher = watch(folder, { recursive: true, persistent: true, signal }, (_, name) => {
    if (name === null || !/(?:^|\/)(?:node_modules|\.)/u.test(name)) changes.note();
  });
  watcher.on('error', (error) => output.note(`${folder} cannot be watched: ${error.message}`));
  try {
    while (!signal.aborted) {
      await runOnce(environment, args, signal);
      if (signal.aborted) break;
      output.note(`\nWatching ${folder}; Ctrl-C ends it.`);
      await changes.next(signal);
    }
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}

/** Remembers that something changed, also while nobody waits for it. */
class Changes {
  #isNoted = false;
  #timer: NodeJS.Timeout | undefined;
  #wake: (() => void) | undefined;

  note(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#isNoted = true;
      this.#wake?.();
    }, QUIET_MS);
  }

  /** Resolves when something has changed since the last time, or at the signal. */
  async next(signal: AbortSignal): Promise<void> {
    if (!this.#isNoted && !signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
    }
    this.#isNoted = false;
    clearTimeout(this.#timer);
  }
}

/** What goes wrong in it, it says itself; the next change is another chance. */
async function runOnce(environment: NodeJS.ProcessEnv, args: readonly string[], signal: AbortSignal): Promise<void> {
  const child = spawn(process.execPath, [...process.execArgv, PROGRAM, ...args], {
    env: environment,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const end = (): void => void child.kill('SIGTERM');
  signal.addEventListener('abort', end, { once: true });
  try {
    await once(child, 'close');
  } finally {
    signal.removeEventListener('abort', end);
  }
}
