import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { ConfigurationError } from '../../config/errors.ts';
import type { Warehouse } from '../../warehouse/open-warehouse.ts';
import type { Command } from '../command.ts';
import { RunFailedError } from '../errors.ts';
import { findPsql } from '../find-psql.ts';
import { openMachine } from '../open-machine.ts';

/**
 * Opens psql on the warehouse. The password goes by the environment, so that no list of processes shows it. With
 * `--json` nothing is opened: it says where psql would go.
 */
export const shell: Command = async (context) => {
  const { environment, output } = context;
  if (!output.json && (await findPsql(environment)) === undefined) {
    throw new ConfigurationError('psql is not installed. Install the Postgres client, or use: hourloom query "<sql>"');
  }
  await using machine = openMachine(context);
  const url = new URL(await machine.findDatabaseUrl());
  await assertReachable(await machine.openWarehouse());
  const password = decodeURIComponent(url.password);
  url.password = '';
  if (output.json) return output.result({ databaseUrl: url.href }, '');

  // Ctrl-C inside psql cancels a query; it is psql's to handle.
  process.on('SIGINT', () => {});
  const psql = spawn('psql', [url.href], {
    stdio: 'inherit',
    env: { ...environment, ...(password === '' ? {} : { PGPASSWORD: password }) },
  });
  const [code, signal] = (await once(psql, 'exit')) as [number | null, NodeJS.Signals | null];
  if (code !== 0)
    throw new RunFailedError(`psql ${signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`}.`);
};

/** Says in our own words and exit codes what is wrong, before psql says it in its. */
async function assertReachable(warehouse: Warehouse): Promise<void> {
  const { reachWarehouse } = await import('../../warehouse/reach-warehouse.ts');
  try {
    await reachWarehouse(warehouse, (sql) => sql`select 1`);
  } finally {
    await warehouse.close();
  }
}
