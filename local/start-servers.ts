import type { Config } from '../config/read-config.ts';
import { UnreachableError } from '../config/errors.ts';
import { findBinary } from './find-binary.ts';
import { startOnFreePort, startOnPort } from './find-free-port.ts';
import type { MachineFolder } from './machine-folder.ts';
import type { MachineAddresses, MachineFile, MachinePorts, ServiceName } from './machine-file.ts';
import { probeTcp } from './probe-server.ts';
import type { Service, ServiceLog } from './spawn-service.ts';
import { startObjectStore } from './start-object-store.ts';
import { startPostgres } from './start-postgres.ts';
import { startTemporal } from './start-temporal.ts';

/** What people know them by; the databases' ports are kept clear of those of installed servers. */
export const USUAL_PORTS = { temporal: 7233, temporalUi: 8233, postgres: 25_432, s3: 29_000, api: 8_300 } as const;

/** Addresses that a person set: that server is used, and none of ours started in its place. */
export type GivenAddresses = Pick<Config, 'temporalAddress' | 'databaseUrl' | 's3'>;

export interface StartServersOptions {
  readonly folder: MachineFolder;
  readonly file: MachineFile;
  readonly given: GivenAddresses;
  /** Ports that must be had; for the others any will do. */
  readonly ports: MachinePorts;
  readonly env: NodeJS.ProcessEnv;
  readonly report: (line: string) => void;
  readonly openLog: (name: ServiceName) => ServiceLog;
}

/** A process of the machine that runs, and how to start it again at the same address. */
export interface StartedService {
  readonly name: ServiceName;
  readonly title: string;
  readonly service: Service;
  readonly restart: (abort: AbortSignal) => Promise<Service>;
}

export interface StartedServers {
  readonly addresses: MachineAddresses;
  readonly ports: MachinePorts;
  readonly servers: readonly StartedService[];
}

/** Starts the servers that were not given, side by side, and makes sure of those that were. All run, or none. */
export async function startServers(options: StartServersOptions): Promise<StartedServers> {
  const parts = await Promise.allSettled([
    startTemporalPart(options),
    startPostgresPart(options),
    startS3Part(options),
  ]);
  const started = parts.filter((part) => part.status === 'fulfilled').flatMap(({ value }) => value.server ?? []);
  const [temporal, postgres, s3] = parts;
  if (temporal.status === 'fulfilled' && postgres.status === 'fulfilled' && s3.status === 'fulfilled') {
    return {
      addresses: { ...temporal.value.addresses, ...postgres.value.addresses, ...s3.value.addresses },
      ports: { ...temporal.value.ports, ...postgres.value.ports, ...s3.value.ports },
      servers: started,
    };
  }
  await Promise.all(started.map(({ service }) => service.kill()));
  throw parts.find((part) => part.status === 'rejected')?.reason;
}

/** One server: its share of the addresses, and its process where it is ours. */
interface Part<Addresses> {
  readonly addresses: Addresses;
  readonly ports: MachinePorts;
  readonly server: StartedService | undefined;
}

async function startTemporalPart(
  options: StartServersOptions,
): Promise<Part<Pick<MachineAddresses, 'temporalAddress' | 'temporalUiUrl'>>> {
  const { folder, given } = options;
  if (given.temporalAddress !== undefined) {
    await expectAnswer('TEMPORAL_ADDRESS', `tcp://${given.temporalAddress}`, 7233);
    const { temporalAddress } = given;
    return { addresses: { temporalAddress, temporalUiUrl: undefined }, ports: {}, server: undefined };
  }
  const binary = await findBinary('temporal', options);
  const log = options.openLog('temporal');
  const start = (port: number, uiPort: number, abort?: AbortSignal) =>
    startTemporal({ binary, directory: folder.temporal, port, uiPort, log, ...(abort && { abort }) });

  const [port, uiPort, service] = await onPort('temporal', 'Temporal', options, (port) =>
    onPort(
      'temporalUi',
      'the Temporal UI',
      options,
      async (uiPort) => [port, uiPort, await start(port, uiPort)] as const,
    ),
  );
  return {
    addresses: { temporalAddress: service.address, temporalUiUrl: service.uiUrl },
    ports: { temporal: port, temporalUi: uiPort },
    server: { name: 'temporal', title: 'Temporal', service, restart: (abort) => start(port, uiPort, abort) },
  };
}

async function startPostgresPart(options: StartServersOptions): Promise<Part<Pick<MachineAddresses, 'databaseUrl'>>> {
  const { folder, given } = options;
  if (given.databaseUrl !== undefined) {
    await expectAnswer('DATABASE_URL', given.databaseUrl, 5432);
    return { addresses: { databaseUrl: given.databaseUrl }, ports: {}, server: undefined };
  }
  const log = options.openLog('postgres');
  const start = (port: number, abort?: AbortSignal) =>
    startPostgres({ directory: folder.postgres, port, log, ...(abort && { abort }) });

  const [port, service] = await onPort(
    'postgres',
    'Postgres',
    options,
    async (port) => [port, await start(port)] as const,
  );
  return {
    addresses: { databaseUrl: service.url },
    ports: { postgres: port },
    server: { name: 'postgres', title: 'Postgres', service, restart: (abort) => start(port, abort) },
  };
}

async function startS3Part(options: StartServersOptions): Promise<Part<Pick<MachineAddresses, 's3'>>> {
  const { folder, given, file } = options;
  if (given.s3.endpoint !== undefined) {
    await expectAnswer('AWS_ENDPOINT_URL_S3', given.s3.endpoint, given.s3.endpoint.startsWith('https:') ? 443 : 80);
    return { addresses: { s3: given.s3 }, ports: {}, server: undefined };
  }
  const binary = await findBinary('versitygw', options);
  const log = options.openLog('s3');
  const start = (port: number, abort?: AbortSignal) =>
    startObjectStore({ binary, directory: folder.objects, port, ...file.keys, log, ...(abort && { abort }) });

  const [port, service] = await onPort(
    's3',
    'the S3 server',
    options,
    async (port) => [port, await start(port)] as const,
  );
  return {
    addresses: { s3: { endpoint: service.endpoint, region: service.region, credentials: file.keys } },
    ports: { s3: port },
    server: { name: 's3', title: 'The S3 server', service, restart: (abort) => start(port, abort) },
  };
}

/** On the port that must be; else on that of last time, the usual one, or any. */
function onPort<T>(
  name: keyof MachinePorts,
  title: string,
  { ports, file }: StartServersOptions,
  start: (port: number) => Promise<T>,
): Promise<T> {
  const wanted = ports[name];
  if (wanted !== undefined) return startOnPort(title, wanted, start);
  return startOnFreePort([file.ports[name] ?? USUAL_PORTS[name], USUAL_PORTS[name]], start);
}

/** Says early and plainly that a given server is not there. Names host and port only: an address may hold a password. */
async function expectAnswer(variable: string, url: string, usualPort: number): Promise<void> {
  const { hostname, port } = new URL(url);
  if (await probeTcp(hostname.replace(/^\[|\]$/gu, ''), Number(port || usualPort))) return;
  throw new UnreachableError(
    `Nothing answers at ${hostname}:${port || usualPort}, which ${variable} names. ` +
      `Start that server, or unset ${variable} to use the machine's own.`,
  );
}
