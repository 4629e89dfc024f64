import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { startOnPort } from './find-free-port.ts';
import { probeObjectStore } from './probe-server.ts';
import { spawnService } from './spawn-service.ts';
import type { Service, ServiceLog } from './spawn-service.ts';

/** What versitygw calls itself; clients sign for it. */
const REGION = 'us-east-1';
const READY_WITHIN_MS = 30_000;

export interface StartObjectStoreOptions {
  /** The versitygw program: see `findBinary`. */
  readonly binary: string;
  /** Holds a folder for each bucket; made at the first start, kept for the next. */
  readonly directory: string;
  /** Holds what objects were, for buckets that keep versions; without it none can. */
  readonly versionsDirectory?: string;
  /** A free one where it is not given. */
  readonly port?: number;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly log: ServiceLog;
  /** Gives the start up. */
  readonly abort?: AbortSignal;
}

/** Starts an S3 server on loopback. Clients must address buckets by path. */
export async function startObjectStore(
  options: StartObjectStoreOptions,
): Promise<Service & { readonly endpoint: string; readonly region: string }> {
  const { directory, versionsDirectory } = options;
  for (const each of [directory, versionsDirectory]) if (each !== undefined) await mkdir(each, { recursive: true });
  return startOnPort('the S3 server', options.port, async (port) => {
    const endpoint = `http://127.0.0.1:${port}`;
    // Who answers there is this server, and not another that took the port in the last moment.
    const healthPath = `/hourloom-${randomUUID()}`;
    const service = await spawnService({
      name: 'The S3 server',
      command: options.binary,
      args: [
        ...['--port', `127.0.0.1:${port}`, '--health', healthPath, '--quiet', '--keep-alive'],
        ...['posix', ...(versionsDirectory === undefined ? [] : ['--versioning-dir', versionsDirectory]), directory],
      ],
      env: { ROOT_ACCESS_KEY: options.accessKeyId, ROOT_SECRET_KEY: options.secretAccessKey },
      log: options.log,
      abort: options.abort,
      ready: () => probeObjectStore(endpoint, healthPath),
      readyWithinMs: READY_WITHIN_MS,
      stopSignal: 'SIGTERM',
    });
    return { ...service, endpoint, region: REGION };
  });
}
