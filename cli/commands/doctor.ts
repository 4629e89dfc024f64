import { ConfigurationError, UnreachableError } from '../../config/errors.ts';
import type { S3Config } from '../../config/read-config.ts';
import type { Command, CommandContext } from '../command.ts';
import { exitCodeOf } from '../exit-code.ts';
import { findPsql } from '../find-psql.ts';
import { formatTable } from '../format-table.ts';
import { findDiffering } from '../open-machine.ts';

/** One thing that was looked at. `advice` says what to do where it is not well. */
interface Finding {
  readonly what: string;
  readonly state: 'ok' | 'absent' | 'broken' | 'unreachable';
  readonly found: string;
  readonly advice?: string;
}

/** Where servers are: the environment's, or those of the machine that runs. */
interface Addresses {
  readonly temporalAddress?: string | undefined;
  readonly databaseUrl?: string | undefined;
  readonly s3?: S3Config | undefined;
}

/**
 * Looks at everything that a start needs; changes nothing, starts nothing and prints no secret. Ends with exit code 3
 * where something must be set or installed, 4 where something that should be there does not answer.
 */
export const doctor: Command = async (context) => {
  const machine = await lookAtMachine(context);
  const findings = [
    lookAtNode(),
    await lookAtDefinitions(context),
    ...(await lookAtPrograms(context)),
    machine.finding,
    ...(await lookAtServers(context, machine.addresses)),
  ];
  context.output.result({ healthy: findings.every(isWell), findings }, writeFindings(findings));
  const ill = findings.filter((finding) => !isWell(finding));
  if (ill.length === 0) return;
  const message = `${ill.length} of ${findings.length} things need you: ${ill.map(({ what }) => what).join(', ')}.`;
  throw ill.some(({ state }) => state === 'broken') ? new ConfigurationError(message) : new UnreachableError(message);
};

/** What is absent and can be had by itself is no fault. */
function isWell({ state }: Finding): boolean {
  return state === 'ok' || state === 'absent';
}

function lookAtNode(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const isNew = major > 20 || (major === 20 && minor >= 19);
  const found = `${process.version} on ${process.platform} ${process.arch}`;
  return isNew
    ? { what: 'Node', state: 'ok', found }
    : { what: 'Node', state: 'broken', found, advice: 'Install Node 20.19 or later; 24 is best.' };
}

async function lookAtDefinitions(context: CommandContext): Promise<Finding> {
  return look(
    context,
    'Definitions',
    async () => `pipelines ${[...(await context.loadDefinitions()).pipelines.keys()].join(', ')}`,
  );
}

async function lookAtPrograms(context: CommandContext): Promise<readonly Finding[]> {
  const { config, environment } = context;
  const [{ locateBinary }, { locatePostgres }] = await Promise.all([
    import('../../local/find-binary.ts'),
    import('../../local/find-postgres.ts'),
  ]);
  const programs = [
    { name: 'temporal', what: 'Temporal server', given: config.temporalAddress },
    { name: 'versitygw', what: 'S3 server', given: config.s3.endpoint },
  ] as const;
  const binaries = programs.map(async ({ name, what, given }): Promise<Finding> => {
    if (given !== undefined) return { what, state: 'ok', found: GIVEN };
    const located = await locateBinary(name, environment);
    if (located.state === 'found') return { what, state: 'ok', found: located.path };
    return located.state === 'buildable'
      ? { what, state: 'absent', found: 'not here', advice: `The first start builds it with Go, ${located.buildTime}.` }
      : { what, state: 'broken', found: 'not here', advice: located.advice };
  });
  const postgres = look(context, 'Postgres server', async () =>
    config.databaseUrl === undefined ? locatePostgres() : GIVEN,
  );
  return Promise.all([...binaries, postgres, lookAtPsql(environment)]);
}

const GIVEN = 'given by the environment';

async function lookAtPsql(environment: NodeJS.ProcessEnv): Promise<Finding> {
  const found = await findPsql(environment);
  if (found !== undefined) return { what: 'psql', state: 'ok', found };
  return {
    what: 'psql',
    state: 'absent',
    found: 'not here',
    advice: 'Only `hourloom shell` needs it; `hourloom query` does without.',
  };
}

/** The machine, and where commands would find the servers: what the environment names goes first. */
async function lookAtMachine(
  context: CommandContext,
): Promise<{ readonly finding: Finding; readonly addresses: Addresses }> {
  const { config } = context;
  const { temporalAddress, databaseUrl, s3 } = config;
  const given: Addresses = { temporalAddress, databaseUrl, s3: s3.endpoint === undefined ? undefined : s3 };
  const what = `Machine in ${config.folder}`;
  const { findMachine } = await import('../../local/find-machine.ts');
  const machine = await findMachine(config.folder).catch((error: unknown) => context.explain(error));
  if (typeof machine === 'string') {
    return { finding: { what, state: 'broken', found: 'unusable', advice: machine }, addresses: given };
  }
  if (machine.state === 'none') {
    return {
      finding: { what, state: 'absent', found: 'not running', advice: 'Start it with: npm start' },
      addresses: given,
    };
  }
  const found = `${machine.state}, process ${machine.owner.pid}`;
  if (machine.state !== 'ready') {
    const advice = 'Look at it with: hourloom logs machine';
    return { finding: { what, state: 'unreachable', found, advice }, addresses: given };
  }
  const addresses: Addresses = {
    temporalAddress: temporalAddress ?? machine.addresses.temporalAddress,
    databaseUrl: databaseUrl ?? machine.addresses.databaseUrl,
    s3: given.s3 ?? machine.addresses.s3,
  };
  const [differing] = findDiffering(config, machine.addresses);
  if (differing === undefined) return { finding: { what, state: 'ok', found }, addresses };
  const advice = `It does not run with what ${differing} says now. Stop it with: hourloom down`;
  return { finding: { what, state: 'broken', found, advice }, addresses };
}

async function lookAtServers(
  context: CommandContext,
  { temporalAddress, databaseUrl, s3 }: Addresses,
): Promise<readonly Finding[]> {
  const { lakeBucket } = context.config;
  return Promise.all([
    ...(temporalAddress === undefined ? [] : [look(context, 'Temporal', () => lookAtTemporal(temporalAddress))]),
    ...(databaseUrl === undefined ? [] : [look(context, 'Warehouse', () => lookAtWarehouse(databaseUrl))]),
    ...(databaseUrl === undefined ? [] : [lookAtAlerts(context, databaseUrl)]),
    ...(s3 === undefined ? [] : [look(context, 'Lake', () => lookAtLake(s3, lakeBucket))]),
  ]);
}

async function lookAtTemporal(address: string): Promise<string> {
  const [{ connectClient }, { reachTemporal }] = await Promise.all([
    import('../../client/connect-client.ts'),
    import('../../client/reach-temporal.ts'),
  ]);
  await using connected = await connectClient(address);
  const { count } = await reachTemporal(connected, (client) => client.workflow.count());
  return `${address}, namespace ${connected.namespace}, ${count} runs`;
}

async function lookAtLake(s3: S3Config, bucket: string): Promise<string> {
  const { openLake } = await import('../../lake/open-lake.ts');
  const { bucketExists } = await import('../../lake/ensure-bucket.ts');
  const lake = openLake({ ...s3, bucket });
  try {
    const exists = await bucketExists(lake, { bucket, role: 'lake' });
    return `s3://${bucket} at ${lake.at}${exists ? '' : ', not made yet'}`;
  } finally {
    await lake.close();
  }
}

async function lookAtWarehouse(databaseUrl: string): Promise<string> {
  const { MIGRATIONS_FOLDER, migrationStatus } = await import('../../warehouse/migrate.ts');
  const { openWarehouse } = await import('../../warehouse/open-warehouse.ts');
  const warehouse = openWarehouse({ url: databaseUrl, maxConnections: 1, applicationName: 'hourloom doctor' });
  try {
    const migrations = await migrationStatus(warehouse, MIGRATIONS_FOLDER);
    const waiting = migrations.filter(({ state }) => state === 'pending').length;
    return `${warehouse.address}, ${waiting === 0 ? 'up to date' : `${waiting} migrations to come`}`;
  } finally {
    await warehouse.close();
  }
}

/** Whether what changed could be told. A warehouse that cannot be asked has a line of its own. */
async function lookAtAlerts({ config, explain }: CommandContext, databaseUrl: string): Promise<Finding> {
  const what = 'Alerts';
  const { url, byPipeline } = config.webhook;
  const { openWarehouse } = await import('../../warehouse/open-warehouse.ts');
  const { readWaitingAlerts } = await import('../../warehouse/read-waiting-alerts.ts');
  const warehouse = openWarehouse({ url: databaseUrl, maxConnections: 1, applicationName: 'hourloom doctor' });
  try {
    const waiting = await readWaitingAlerts(warehouse.sql);
    if (waiting) {
      const found = `${waiting.count} wait since ${new Date(waiting.since).toISOString()}: ${waiting.problem}`;
      return { what, state: 'unreachable', found, advice: 'Mend the webhook, or correct HOURLOOM_WEBHOOK_URL.' };
    }
  } catch (error) {
    return { what, state: 'absent', found: 'not known', advice: explain(error) };
  } finally {
    await warehouse.close();
  }
  const isTold = url !== undefined || byPipeline.size > 0;
  return { what, state: 'ok', found: isTold ? 'all told' : 'no webhook: changes of health are told to nobody' };
}

/** What a look came to: its answer, or its error as a finding. */
async function look({ explain }: CommandContext, what: string, at: () => Promise<string>): Promise<Finding> {
  try {
    return { what, state: 'ok', found: await at() };
  } catch (error) {
    const [state, found] =
      exitCodeOf(error) === 4 ? (['unreachable', 'no answer'] as const) : (['broken', 'refused'] as const);
    return { what, state, found, advice: explain(error) };
  }
}

function writeFindings(findings: readonly Finding[]): string {
  return formatTable([
    ['what', 'state', 'found', 'what to do'],
    ...findings.map(({ what, state, found, advice }) => [what, state, found, advice ?? '']),
  ]);
}
