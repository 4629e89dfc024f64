import { randomInt } from 'node:crypto';
import { ConfigurationError } from '../config/errors.ts';
import { probeTcp } from './probe-server.ts';

/**
 * Below the ports that systems hand to outgoing connections (32768 on Linux, 49152 on macOS): there, a client that
 * keeps trying a stopped server could be given the server's own port and hold it against the restart.
 */
const FIRST_PORT = 15_000;
const LAST_PORT = 32_000;
const MAX_TRIES = 50;
const MAX_STARTS = 5;

/**
 * Whether nobody listens on this loopback port now. Asked by connecting: who tries to listen on a port to learn that
 * it is free makes it taken for a moment, for whoever starts a server there just then.
 */
export async function isPortFree(port: number): Promise<boolean> {
  return !(await probeTcp('127.0.0.1', port));
}

/** A loopback port that nobody listens on now. Another program may take it before you do: see `startOnPort`. */
export async function findFreePort(): Promise<number> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const port = randomInt(FIRST_PORT, LAST_PORT);
    if (await isPortFree(port)) return port;
  }
  throw new ConfigurationError(
    `No free port found between ${FIRST_PORT} and ${LAST_PORT} on 127.0.0.1. Stop programs that hold many ports.`,
  );
}

/**
 * Starts a server on the wanted port, or on a free one where none is wanted. A wanted port that is taken is a
 * `ConfigurationError`.
 */
export async function startOnPort<T>(
  name: string,
  wanted: number | undefined,
  start: (port: number) => Promise<T>,
): Promise<T> {
  if (wanted === undefined) return startOnFreePort([], start);
  if (!(await isPortFree(wanted))) throw takenPortError(name, wanted);
  return start(wanted);
}

/**
 * Starts a server on the first of the preferred ports that is free, else on any free one. Where another program was
 * faster it tries the next, a few times.
 */
export async function startOnFreePort<T>(
  preferred: readonly number[],
  start: (port: number) => Promise<T>,
): Promise<T> {
  const waiting = [...preferred];
  for (let starts = 1; ; starts++) {
    const port = await nextFreePort(waiting);
    try {
      return await start(port);
    } catch (error) {
      if (starts === MAX_STARTS || (await isPortFree(port))) throw error;
    }
  }
}

/** Takes ports from the list until one is free. */
async function nextFreePort(waiting: number[]): Promise<number> {
  for (let port = waiting.shift(); port !== undefined; port = waiting.shift()) {
    if (await isPortFree(port)) return port;
  }
  return findFreePort();
}

function takenPortError(name: string, port: number): ConfigurationError {
  return new ConfigurationError(
    `Port ${port} on 127.0.0.1, wanted for ${name}, is taken by another program. Stop it or choose another port.`,
  );
}
