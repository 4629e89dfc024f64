import { fileURLToPath } from 'node:url';
import { Runtime } from '@temporalio/worker';
import { ConfigurationError } from '../config/errors.ts';
import { loadDefinitions } from '../config/load-definitions.ts';
import type { Config } from '../config/read-config.ts';
import { ensureBucket } from '../lake/ensure-bucket.ts';
import { openLake } from '../lake/open-lake.ts';
import { ensureTables } from '../warehouse/ensure-tables.ts';
import { grantReading } from '../warehouse/grant-reading.ts';
import { MIGRATIONS_FOLDER, migrateUp } from '../warehouse/migrate.ts';
import { openWarehouse } from '../warehouse/open-warehouse.ts';
import { temporalLogger } from './create-log.ts';
import type { Log } from './create-log.ts';
import { registerCode } from './register-code.ts';
import { createWorker, MAX_WAREHOUSE_OPERATIONS } from './create-worker.ts';
import { ensureSearchAttributes } from './ensure-search-attributes.ts';
import { outliveRejections } from './outlive-rejections.ts';
import { startSchedules } from './start-schedules.ts';
import { tellAlerts } from './tell-alerts.ts';

const WORKFLOW_BUNDLE = fileURLToPath(new URL('../workflow-bundle.js', import.meta.url));

/**
 * Brings the warehouse up to date, sees to the lake's bucket, search attributes and schedules, and takes work until a signal ends it.
 * A parent that listens is told `ready` when work is taken.
 */
export async function runWorker(config: Config, log: Log): Promise<void> {
  if (config.databaseUrl === undefined) {
    throw new ConfigurationError(
      'DATABASE_URL is not set. Set it to the warehouse, or start everything with: npm start',
    );
  }
  Runtime.install({ logger: temporalLogger(log) });
  outliveRejections(config.secrets, (problem) =>
    log.error(
      { problem },
      'a promise failed that nobody waits for; a function that asks for several things awaits all',
    ),
  );
  const { pipelines, derived, functions, checkFunctions } = await loadDefinitions(config.assets, config.sources);
  const lake = openLake({ ...config.s3, bucket: config.lakeBucket });
  const warehouse = openWarehouse({
    url: config.databaseUrl,
    maxConnections: MAX_WAREHOUSE_OPERATIONS,
    applicationName: 'hourloom worker',
  });
  try {
    await ensureBucket(lake, { bucket: lake.bucket, role: 'lake' });
    await migrateUp(warehouse, MIGRATIONS_FOLDER);
    const tables = [
      ...[...pipelines.values()].flatMap(({ spec }) => spec.tables),
      ...[...derived.values()].map(({ table }) => table),
    ];
    await ensureTables(warehouse, tables);
    const problem = await grantReading(warehouse, tables);
    if (problem !== undefined) log.warn({}, problem);
    const created = await createWorker({
      lake,
      warehouse,
      pipelines,
      derived,
      functions,
      checkFunctions,
      secrets: config.secrets,
      erasureKeys: config.erasureKeys,
      taskQueue: config.taskQueue,
      temporalAddress: config.temporalAddress,
      workflows: { workflowBundle: { codePath: WORKFLOW_BUNDLE } },
    });
    try {
      await ensureSearchAttributes(created.connection, created.namespace);
      if (config.schedules) {
        const specs = [...pipelines.values()].map(({ spec }) => spec);
        await startSchedules(created.client, specs, { taskQueue: config.taskQueue, now: Date.now() });
      }
      await registerCode(warehouse, { pipelines, derived }, log);
      log.info({ taskQueue: config.taskQueue, pipelines: [...pipelines.keys()] }, 'worker takes work');
      process.send?.('ready');
      const teller = tellAlerts(warehouse, config.webhook, log);
      try {
        await created.worker.run();
      } finally {
        await teller.stop();
      }
    } finally {
      await created.connection.close();
    }
  } finally {
    await Promise.all([lake.close(), warehouse.close()]);
  }
}
