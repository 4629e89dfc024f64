import { CONFIGURATION_EXIT_CODE, ConfigurationError } from '../config/errors.ts';
import { processEnvironment } from '../config/process-environment.ts';
import { readConfig } from '../config/read-config.ts';
import { TerminalError } from '../model/terminal-error.ts';
import { WarehouseRefusedError } from '../warehouse/reach-warehouse.ts';
import { createLog } from './create-log.ts';
import { runWorker } from './run-worker.ts';

/** What a person must put right before a worker can start. */
const CONFIGURATION_ERRORS = [ConfigurationError, TerminalError, WarehouseRefusedError];

/** A worker as a process. It says why it cannot start, to its log and to a parent that listens; exit code 3 if a person must act. */
let log = createLog('info');
try {
  const config = readConfig(processEnvironment());
  log = createLog(config.logLevel);
  await runWorker(config, log);
} catch (error) {
  const isConfiguration = CONFIGURATION_ERRORS.some((kind) => error instanceof kind);
  const problem = error instanceof Error ? error.message : String(error);
  // What nobody can put right by reading it is a bug, or an outage: all of it goes into the log.
  log.error(isConfiguration ? {} : { err: error }, problem);
  process.send?.({ problem });
  process.exitCode = isConfiguration ? CONFIGURATION_EXIT_CODE : 1;
}
