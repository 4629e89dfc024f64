import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { findBinary } from '../../local/find-binary.ts';
import { identifySelf, isRunning } from '../../local/process-identity.ts';
import { formatIdentity, parseIdentity } from '../../local/process-lock.ts';
import { startObjectStore } from '../../local/start-object-store.ts';
import { startPostgres } from '../../local/start-postgres.ts';
import { startTemporal } from '../../local/start-temporal.ts';

/** The real servers that all tests of a run share. */
export interface TestServices {
  /** An owner's address; a test file gets a database of its own from `createDatabase`. */
  readonly databaseUrl: string;
  readonly s3: {
    readonly endpoint: string;
    readonly region: string;
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
  };
  /** `host:port`. Timers fire within 40 ms of their time. */
  readonly temporalAddress: string;
}

declare module 'vitest' {
  export interface ProvidedContext {
    readonly services: TestServices;
  }
}

const FOLDER_PREFIX = 'hourloom-test-';
const OWNER_FILE = 'owner';
const KEYS = { accessKeyId: 'hourloom-test', secretAccessKey: 'hourloom-test-secret' };

/** Starts the servers once for the run, in a new folder, and returns the way to end them. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  await sweepFolders();
  const folder = await mkdtemp(join(tmpdir(), FOLDER_PREFIX));
  await writeFile(join(folder, OWNER_FILE), formatIdentity(await identifySelf()));

  const find = { env: process.env, report: (line: string) => console.error(line) };
  const [temporalProgram, objectStoreProgram] = [
    await findBinary('temporal', find),
    await findBinary('versitygw', find),
  ];
  const log = () => undefined;
  const [postgres, objectStore, temporal] = await Promise.all([
    startPostgres({ directory: join(folder, 'postgres'), log }),
    startObjectStore({ binary: objectStoreProgram, directory: join(folder, 'objects'), ...KEYS, log }),
    startTemporal({ binary: temporalProgram, directory: join(folder, 'temporal'), fastTimers: true, log }),
  ]);
  project.provide('services', {
    databaseUrl: postgres.url,
    s3: { endpoint: objectStore.endpoint, region: objectStore.region, ...KEYS },
    temporalAddress: temporal.address,
  });
  return async () => {
    await Promise.all([postgres.kill(), objectStore.kill(), temporal.kill()]);
    await rm(folder, { recursive: true, force: true });
  };
}

/** Removes the folders of runs that were killed; their servers ended with them. */
async function sweepFolders(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(FOLDER_PREFIX)) continue;
    const folder = join(tmpdir(), name);
    const owner = parseIdentity(await readFile(join(folder, OWNER_FILE), 'utf8').catch(() => ''));
    // One without an owner is being made at this moment, or its maker was killed in that moment: leave it.
    if (owner !== undefined && !(await isRunning(owner))) await rm(folder, { recursive: true, force: true });
  }
}
