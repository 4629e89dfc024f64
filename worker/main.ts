import { ConfigurationError } from '../config/errors.ts';
import { processEnvironment } from '../config/process-environment.ts';
import { readConfig } from '../config/read-config.ts';
import { createLog } from './create-log.ts';
import { runWorker } from './run-worker.ts';

/** A worker as a process. A bad configuration ends it with exit code 3 and one sentence. */
const config = readConfig(processEnvironment());
const log = createLog(config.logLevel);
try {
  await runWorker(config, log);
} catch (error) {
  if (!(error instanceof ConfigurationError)) throw error;
  log.error(error.message);
  process.exitCode = 3;
}
