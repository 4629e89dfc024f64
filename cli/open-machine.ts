import { fileURLToPath } from 'node:url';
import type { ConnectedClient } from '../client/connect-client.ts';
import { ConfigurationError } from '../config/errors.ts';
import type { Config } from '../config/read-config.ts';
import type { Lake } from '../lake/open-lake.ts';
import type { UsedMachine } from '../local/ensure-machine.ts';
import type { MachineAddresses } from '../local/machine-file.ts';
import type { Warehouse } from '../warehouse/open-warehouse.ts';
import type { CommandContext } from './command.ts';

/**
 * The servers that a command talks to: those that the environment names, else those of the machine under `.hourloom`.
 * The machine is looked for, and where none runs started, only when one of its servers is asked for.
 */
export interface OpenMachine extends AsyncDisposable {
  /** The S3 server is this machine's own, so buckets may be made there without asking. */
  readonly ownsStorage: boolean;
  /** Sees to it that windows get made: by the machine's worker, unless all three servers are a person's own. */
  ensureWorker(): Promise<void>;
  findDatabaseUrl(): Promise<string>;
  openWarehouse(): Promise<Warehouse & AsyncDisposable>;
  /** By the user who can only read, where a person named one. */
  openReadingWarehouse(): Promise<Warehouse & AsyncDisposable>;
  openLake(): Promise<Lake & AsyncDisposable>;
  connectTemporal(): Promise<ConnectedClient>;
}

/** How this program starts itself once more. */
const PROGRAM = fileURLToPath(new URL('./main.js', import.meta.url));

/** Hands out the servers; nothing is opened before it is asked for. */
export function openMachine(context: CommandContext): OpenMachine {
  const { config } = context;
  let used: Promise<UsedMachine> | undefined;
  const ensure = async (): Promise<MachineAddresses> => (await (used ??= startMachine(context))).addresses;
  const findDatabaseUrl = async () => config.databaseUrl ?? (await ensure()).databaseUrl;

  return {
    ownsStorage: config.s3.endpoint === undefined,
    findDatabaseUrl,
    async ensureWorker() {
      const { temporalAddress, databaseUrl, s3 } = config;
      if (temporalAddress === undefined || databaseUrl === undefined || s3.endpoint === undefined) await ensure();
    },
    openWarehouse: async () => openPool(await findDatabaseUrl()),
    openReadingWarehouse: async () => openPool(config.readUrl ?? (await findDatabaseUrl())),
    async openLake() {
      const s3 = config.s3.endpoint === undefined ? (await ensure()).s3 : config.s3;
      const { openLake } = await import('../lake/open-lake.ts');
      const lake = openLake({ ...s3, bucket: config.lakeBucket });
      return { ...lake, [Symbol.asyncDispose]: () => lake.close() };
    },
    async connectTemporal() {
      const address = config.temporalAddress ?? (await ensure()).temporalAddress;
      const { connectClient } = await import('../client/connect-client.ts');
      return connectClient(address);
    },
    async [Symbol.asyncDispose]() {
      await used?.then(
        ({ release }) => release(),
        () => undefined,
      );
    },
  };
}

async function openPool(url: string): Promise<Warehouse & AsyncDisposable> {
  const { openWarehouse } = await import('../warehouse/open-warehouse.ts');
  const warehouse = openWarehouse({ url, maxConnections: 4, applicationName: 'hourloom cli' });
  return { ...warehouse, [Symbol.asyncDispose]: () => warehouse.close() };
}

/** Where none runs it is started in the background, said so, and stops by itself when it was idle for ten minutes. */
async function startMachine({ config, environment, output }: CommandContext): Promise<UsedMachine> {
  const { ensureMachine } = await import('../local/ensure-machine.ts');
  const machine = await ensureMachine({
    folder: config.folder,
    up: { command: process.execPath, args: [PROGRAM, 'up', '--detached'], env: environment },
    report: output.note,
  });
  const [differing] = findDiffering(config, machine.addresses);
  if (differing === undefined) return machine;
  await machine.release();
  throw new ConfigurationError(
    `The machine in ${config.folder} does not run with what ${differing} says now. Stop it first (hourloom down); the next command starts it with that.`,
  );
}

/** The variables that name another server than the one which a running machine works with. */
export function findDiffering(
  { databaseUrl, temporalAddress, s3 }: Config,
  running: MachineAddresses,
): readonly string[] {
  const pairs = [
    ['DATABASE_URL', databaseUrl, running.databaseUrl],
    ['TEMPORAL_ADDRESS', temporalAddress, running.temporalAddress],
    ['AWS_ENDPOINT_URL_S3', s3.endpoint, running.s3.endpoint],
  ] as const;
  return pairs.filter(([, given, now]) => given !== undefined && given !== now).map(([name]) => name);
}
