import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { S3Config } from '../config/read-config.ts';
import { ConfigurationError } from '../config/errors.ts';
import type { ProcessIdentity } from './process-identity.ts';

/** Where a machine's servers answer, its own and those it was given. */
export interface MachineAddresses {
  /** `host:port`. */
  readonly temporalAddress: string;
  /** The operator's page; undefined for a Temporal that the machine was given. */
  readonly temporalUiUrl: string | undefined;
  readonly databaseUrl: string;
  readonly s3: S3Config;
  /** The API, where a person started the machine and it could be served. */
  readonly apiUrl?: string;
}

/** The machine's own servers, its worker and its API. */
export type ServiceName = 'temporal' | 'postgres' | 's3' | 'worker' | 'api';

/** The processes of a machine; one that it was given, or does without, is absent. */
export type MachinePids = Readonly<Partial<Record<ServiceName, number>>>;

/** The ports that the servers had last; the next start prefers them, so that addresses last. */
export type MachinePorts = Readonly<Partial<Record<'temporal' | 'temporalUi' | 'postgres' | 's3' | 'api', number>>>;

/** A machine's present life: stopped -> starting -> ready -> stopping -> stopped. */
export type MachineRun =
  | { readonly state: 'stopped' }
  | { readonly state: 'starting'; readonly owner: ProcessIdentity; readonly attended: boolean }
  | {
      readonly state: 'ready' | 'stopping';
      readonly owner: ProcessIdentity;
      /** A person started it and stops it; one that a command started stops by itself. */
      readonly attended: boolean;
      readonly addresses: MachineAddresses;
      readonly pids: MachinePids;
    };

/** What a machine writes about itself. It holds keys: only its user may read it. */
export interface MachineFile {
  /** The S3 server's. */
  readonly keys: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** By which persons are erased where nobody gave another: see `erasure-environment.ts`. Absent where none was needed yet. */
  readonly erasureKey?: string;
  readonly ports: MachinePorts;
  readonly run: MachineRun;
}

/** A machine that never ran: new keys. */
export function newMachineFile(): MachineFile {
  return {
    keys: {
      accessKeyId: `HL${randomBytes(9).toString('hex').toUpperCase()}`,
      secretAccessKey: randomBytes(30).toString('base64url'),
    },
    ports: {},
    run: { state: 'stopped' },
  };
}

/** Reads what the machine wrote; undefined where none ever ran. */
export async function readMachineFile(path: string): Promise<MachineFile | undefined> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  try {
    const file = JSON.parse(text) as MachineFile;
    if (file.keys.accessKeyId && file.keys.secretAccessKey && file.ports && file.run.state) return file;
  } catch {
    // Said below, with what to do.
  }
  throw new ConfigurationError(
    `${path} is damaged. Run \`hourloom down\`, delete that file and start again; data stays, the S3 keys change.`,
  );
}

/** Replaces the file as a whole: who reads at the same time sees the old one or the new one. */
export async function writeMachineFile(path: string, file: MachineFile): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const unfinished = `${path}.${process.pid}`;
  await writeFile(unfinished, `${JSON.stringify(file, undefined, 2)}\n`, { mode: 0o600 });
  await rename(unfinished, path);
}
