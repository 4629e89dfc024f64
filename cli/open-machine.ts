import { fileURLToPath } from 'node:url';
import type { S3Config } from '../config/read-config.ts';
import type { Lake } from '../lake/open-lake.ts';
import type { Warehouse } from '../warehouse/open-warehouse.ts';
import type { CommandContext } from './command.ts';

/** The servers that a command talks to, for as long as it runs. */
export interface OpenMachine extends AsyncDisposable {
  readonly temporalAddress: string;
  readonly temporalUiUrl: string | undefined;
  readonly databaseUrl: string;
  readonly s3: S3Config;
  /** The S3 server is this machine's own, so buckets may be made there without asking. */
  readonly ownsStorage: boolean;
  openWarehouse(): Promise<Warehouse & AsyncDisposable>;
  openLake(): Promise<Lake & AsyncDisposable>;
}

/** How this program starts itself once more. */
export const PROGRAM = fileURLToPath(new URL('./main.js', import.meta.url));

/**
 * Finds the servers: those that the environment names, else the machine under `.hourloom`. Where none runs it is
 * started in the background, said so, and stops by itself when it was idle for ten minutes.
 */
export async function openMachine({ config, environment, output }: CommandContext): Promise<OpenMachine> {
  const { temporalAddress, databaseUrl, s3 } = config;
  if (temporalAddress !== undefined && databaseUrl !== undefined && s3.endpoint !== undefined) {
    return withOpeners(
      { temporalAddress, temporalUiUrl: undefined, databaseUrl, s3 },
      config.lakeBucket,
      false,
      async () => {},
    );
  }
  const { ensureMachine } = await import('../local/ensure-machine.ts');
  const { addresses, release } = await ensureMachine({
    folder: config.folder,
    up: { command: process.execPath, args: [PROGRAM, 'up', '--detached'], env: environment },
    report: output.note,
  });
  return withOpeners(addresses, config.lakeBucket, s3.endpoint === undefined, release);
}

type Addresses = Pick<OpenMachine, 'temporalAddress' | 'temporalUiUrl' | 'databaseUrl' | 's3'>;

function withOpeners(
  addresses: Addresses,
  lakeBucket: string,
  ownsStorage: boolean,
  release: () => Promise<void>,
): OpenMachine {
  const { databaseUrl, s3 } = addresses;
  return {
    ...addresses,
    ownsStorage,
    async openWarehouse() {
      const { openWarehouse } = await import('../warehouse/open-warehouse.ts');
      const warehouse = openWarehouse({ url: databaseUrl, maxConnections: 4, applicationName: 'hourloom cli' });
      return { ...warehouse, [Symbol.asyncDispose]: () => warehouse.close() };
    },
    async openLake() {
      const { openLake } = await import('../lake/open-lake.ts');
      const lake = openLake({ ...s3, bucket: lakeBucket });
      return { ...lake, [Symbol.asyncDispose]: () => lake.close() };
    },
    [Symbol.asyncDispose]: release,
  };
}
