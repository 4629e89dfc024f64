import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { ConfigurationError, UnreachableError } from '../../config/errors.ts';
import type { Command, CommandContext } from '../command.ts';
import { exitCodeOf } from '../exit-code.ts';
import { explainError } from '../explain-error.ts';
import { formatTable } from '../format-table.ts';

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
  readonly s3?: CommandContext['config']['s3'] | undefined;
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
    'Definitions',
    async () => `pipelines ${[...(await context.loadDefinitions()).pipelines.keys()].join(', ')}`,
  );
}

async function lookAtPrograms({ config, environment }: CommandContext): Promise<readonly Finding[]> {
  const { locateBinary } = await import('../../local/find-binary.ts');
  const programs = [
    { name: 'temporal', what: 'Temporal server', given: config.temporalAddress },
    { name: 'versitygw', what: 'S3 server', given: config.s3.endpoint },
  ] as const;
  const findings = programs.map(async ({ name, what, given }): Promise<Finding> => {
    if (given !== undefined) return { what, state: 'ok', found: 'given by the environment' };
    const located = await locateBinary(name, environment);
    if (located.state === 'found') return { what, state: 'ok', found: located.path };
    return located.state === 'buildable'
      ? { what, state: 'absent', found: 'not here', advice: `The first start builds it with Go, ${located.buildTime}.` }
      : { what, state: 'broken', found: 'not here', advice: located.advice };
  });
  return [...(await Promise.all(findings)), await lookAtPsql(environment)];
}

async function lookAtPsql(environment: NodeJS.ProcessEnv): Promise<Finding> {
  const found = await promisify(execFile)('psql', ['--version'], { env: environment }).catch(() => undefined);
  if (found) return { what: 'psql', state: 'ok', found: found.stdout.trim() };
  return {
    what: 'psql',
    state: 'absent',
    found: 'not here',
    advice: 'Only `hourloom shell` needs it; `hourloom query` does without.',
  };
}

async function lookAtMachine({
  config,
}: CommandContext): Promise<{ readonly finding: Finding; readonly addresses: Addresses }> {
  const { temporalAddress, databaseUrl, s3 } = config;
  const given: Addresses = { temporalAddress, databaseUrl, s3: s3.endpoint === undefined ? undefined : s3 };
  const { findMachine } = await import('../../local/find-machine.ts');
  const machine = await findMachine(config.folder);
  const what = `Machine in ${config.folder}`;
  if (machine.state === 'none') {
    return {
      finding: { what, state: 'absent', found: 'not running', advice: 'Start it with: npm start' },
      addresses: given,
    };
  }
  const found = `${machine.state}, process ${machine.owner.pid}`;
  if (machine.state !== 'ready') {
    return {
      finding: { what, state: 'unreachable', found, advice: 'Look at it with: hourloom logs machine' },
      addresses: given,
    };
  }
  return { finding: { what, state: 'ok', found }, addresses: machine.addresses };
}

async function lookAtServers(
  { config }: CommandContext,
  { temporalAddress, databaseUrl, s3 }: Addresses,
): Promise<readonly Finding[]> {
  const findings: Promise<Finding>[] = [];
  if (temporalAddress !== undefined) {
    findings.push(
      look('Temporal', async () => {
        const { connectClient } = await import('../../client/connect-client.ts');
        await using connected = await connectClient(temporalAddress);
        const { count } = await connected.client.workflow.count();
        return `${temporalAddress}, namespace ${connected.namespace}, ${count} runs`;
      }),
    );
  }
  if (databaseUrl !== undefined) {
    findings.push(look('Warehouse', () => lookAtWarehouse(databaseUrl)));
  }
  if (s3 !== undefined) {
    findings.push(
      look('Lake', async () => {
        const { openLake } = await import('../../lake/open-lake.ts');
        const { bucketExists } = await import('../../lake/ensure-bucket.ts');
        const lake = openLake({ ...s3, bucket: config.lakeBucket });
        try {
          const exists = await bucketExists(lake, { bucket: lake.bucket, role: 'lake' });
          return `s3://${config.lakeBucket} at ${lake.at}${exists ? '' : ', not made yet'}`;
        } finally {
          await lake.close();
        }
      }),
    );
  }
  return Promise.all(findings);
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

/** What a look came to: its answer, or its error as a finding. */
async function look(what: string, at: () => Promise<string>): Promise<Finding> {
  try {
    return { what, state: 'ok', found: await at() };
  } catch (error) {
    return exitCodeOf(error) === 4
      ? { what, state: 'unreachable', found: 'no answer', advice: explainError(error) }
      : { what, state: 'broken', found: 'refused', advice: explainError(error) };
  }
}

function writeFindings(findings: readonly Finding[]): string {
  return formatTable([
    ['what', 'state', 'found', 'what to do'],
    ...findings.map(({ what, state, found, advice }) => [what, state, found, advice ?? '']),
  ]);
}
