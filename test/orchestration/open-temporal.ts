import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findBinary } from '../../local/find-binary.ts';
import { startTemporal } from '../../local/start-temporal.ts';

/** A Temporal of the test's own, which it may kill. */
export interface OwnTemporal {
  /** The same for as long as the test goes on. */
  readonly address: string;
  /** SIGKILL: no goodbye, and what is not on disk is lost. */
  kill(): Promise<void>;
  /** Starts it again, on the same database file and port. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** Starts one in a folder of its own. */
export async function openTemporal(): Promise<OwnTemporal> {
  const directory = await mkdtemp(join(tmpdir(), 'hourloom-temporal-'));
  const binary = await findBinary('temporal', { env: process.env, report: (line) => console.error(line) });
  const options = { binary, directory, fastTimers: true, log: () => undefined };
  let service = await startTemporal(options);
  const { address } = service;
  return {
    address,
    kill: () => service.kill(),
    async restart() {
      service = await startTemporal({ ...options, port: Number(address.split(':')[1]) });
    },
    async close() {
      await service.kill();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
