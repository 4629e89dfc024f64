import { CONFIGURATION_EXIT_CODE } from '../../config/errors.ts';
import { processEnvironment } from '../../config/process-environment.ts';
import { readConfig } from '../../config/read-config.ts';
import { OutageError } from '../../model/outage-error.ts';
import { openWarehouse } from '../../warehouse/open-warehouse.ts';
import type { Warehouse } from '../../warehouse/open-warehouse.ts';
import { explainReaderRole, readerOptions } from '../../warehouse/reader-role.ts';
import { probeWarehouse } from '../../warehouse/read-trip-day.ts';
import { serve } from './serve.ts';

/**
 * The web server as a process: `node main.js <port>`, with DATABASE_URL set. It tells its parent where it listens, or
 * why it cannot, and ends with it.
 */
try {
  const { databaseUrl, readUrl } = readConfig(processEnvironment());
  if (databaseUrl === undefined) throw new Error('DATABASE_URL is not set. Start the server with: hourloom serve');
  const options = readerOptions({ readUrl, databaseUrl });
  const warehouse = openWarehouse({ ...options, maxConnections: 4, applicationName: 'hourloom web' });
  try {
    await assertReader(warehouse, readUrl === undefined ? 'DATABASE_URL' : 'HOURLOOM_READ_URL');
    const onError = (error: unknown) => void process.stderr.write(`${String(error)}\n`);
    const server = await serve({ warehouse, onError }, Number(process.argv[2] ?? 0));
    const stop = () => void Promise.all([server.close(), warehouse.close()]).then(() => process.exit(0));
    process.once('SIGINT', stop);
    process.once('SIGTERM', stop);
    process.once('disconnect', stop);
    process.send?.({ address: server.address });
  } catch (error) {
    // Its open connections would keep this process alive.
    await warehouse.close();
    throw error;
  }
} catch (error) {
  process.send?.({ problem: error instanceof Error ? error.message : String(error) });
  process.exitCode = CONFIGURATION_EXIT_CODE;
  process.disconnect?.();
}

/** Says at once what no later answer could: that the user or the role is refused. A warehouse that is away may come back. */
async function assertReader(warehouse: Warehouse, variable: string): Promise<void> {
  try {
    await probeWarehouse(warehouse);
  } catch (error) {
    if (error instanceof OutageError) return;
    const refused = `the warehouse refuses the user or the database that ${variable} names`;
    throw new Error(explainReaderRole(error) ?? refused, { cause: error });
  }
}
