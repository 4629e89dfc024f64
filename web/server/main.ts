import { CONFIGURATION_EXIT_CODE } from '../../config/errors.ts';
import { processEnvironment } from '../../config/process-environment.ts';
import { readConfig } from '../../config/read-config.ts';
import { openWarehouse } from '../../warehouse/open-warehouse.ts';
import { serve } from './serve.ts';

/**
 * The web server as a process: `node main.js <port>`, with DATABASE_URL set. It tells its parent where it listens, or
 * why it cannot, and ends with it.
 */
try {
  const { databaseUrl } = readConfig(processEnvironment());
  if (databaseUrl === undefined) throw new Error('DATABASE_URL is not set. Start the server with: hourloom serve');
  const warehouse = openWarehouse({ url: databaseUrl, maxConnections: 4, applicationName: 'hourloom web' });
  const onError = (error: unknown) => void process.stderr.write(`${String(error)}\n`);
  const server = await serve({ warehouse, onError }, Number(process.argv[2] ?? 0));
  const stop = () => void Promise.all([server.close(), warehouse.close()]).then(() => process.exit(0));
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  process.once('disconnect', stop);
  process.send?.({ address: server.address });
} catch (error) {
  process.send?.({ problem: error instanceof Error ? error.message : String(error) });
  process.exitCode = CONFIGURATION_EXIT_CODE;
  process.disconnect?.();
}
