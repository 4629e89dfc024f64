import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { ConfigurationError } from '../../config/errors.ts';
import type { Command } from '../command.ts';
import { openMachine } from '../open-machine.ts';

/** Opens psql on the warehouse. The password goes by the environment, so that no list of processes shows it. */
export const shell: Command = async (context) => {
  await using machine = await openMachine(context);
  const url = new URL(machine.databaseUrl);
  const password = decodeURIComponent(url.password);
  url.password = '';
  const psql = spawn('psql', [url.href], {
    stdio: 'inherit',
    env: { ...context.environment, ...(password === '' ? {} : { PGPASSWORD: password }) },
  });
  // Ctrl-C inside psql cancels a query; it is psql's to handle.
  process.on('SIGINT', () => {});
  try {
    await once(psql, 'exit');
  } catch (error) {
    throw new ConfigurationError('psql is not installed. Install the Postgres client, or use: hourloom query "<sql>"', {
      cause: error,
    });
  }
};
