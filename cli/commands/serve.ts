import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { ConfigurationError } from '../../config/errors.ts';
import type { Command, CommandContext } from '../command.ts';
import { UsageError } from '../errors.ts';
import { openMachine } from '../open-machine.ts';

export interface ServeOptions {
  readonly port: string;
}

const SERVER = fileURLToPath(new URL('../../web/server/main.js', import.meta.url));
const MAX_PORT = 65_535;

/** Serves the API on loopback until a signal. It is a process of its own, which ends with this one. */
export const serve: Command<ServeOptions> = async (context, { port }) => {
  if (!/^\d{1,5}$/u.test(port) || Number(port) > MAX_PORT) {
    throw new UsageError(`--port "${port}" is no port. Write a number from 1 to ${MAX_PORT}, or 0 for a free one.`);
  }
  const served = await findServed(context);
  if (served !== undefined && new URL(served).port === port) {
    return context.output.result(
      { address: served },
      `The API answers at ${served}: \`hourloom up\` serves it already.`,
    );
  }
  await using machine = openMachine(context);
  const databaseUrl = await machine.findDatabaseUrl();
  const server = fork(SERVER, [port], {
    env: { ...context.environment, DATABASE_URL: databaseUrl },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const stop = () => void server.kill('SIGTERM');
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  const ended = once(server, 'exit');
  const [said] = (await Promise.race([once(server, 'message'), ended.then(() => [{}])])) as [Said];
  if (said.address === undefined) {
    await ended;
    throw new ConfigurationError(`The API cannot be served: ${said.problem ?? 'its process ended'}.`);
  }
  context.output.result({ address: said.address }, `The API answers at ${said.address}. Ctrl-C ends it.`);
  await ended;
};

/** Where the running machine's own API answers, which reads the same warehouse. */
async function findServed({ config }: CommandContext): Promise<string | undefined> {
  if (config.databaseUrl !== undefined) return undefined;
  const { findMachine } = await import('../../local/find-machine.ts');
  const machine = await findMachine(config.folder);
  return machine.state === 'ready' ? machine.addresses.apiUrl : undefined;
}

/** What the server's process tells. */
interface Said {
  readonly address?: string;
  readonly problem?: string;
}
