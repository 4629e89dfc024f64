import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { UnreachableError } from '../config/errors.ts';
import { startOnPort } from './find-free-port.ts';
import { probeTemporal } from './probe-server.ts';
import { spawnService } from './spawn-service.ts';
import type { Service, ServiceLog } from './spawn-service.ts';

const READY_WITHIN_MS = 60_000;
const RETENTION = '30d';

/**
 * The defaults are made for large clusters: 20 polls a second make every step of a workflow wait 45 ms. The new matcher
 * is what makes priorities work on this server.
 */
const DYNAMIC_CONFIG = [
  'history.transferProcessorMaxPollRPS=2000',
  'history.timerProcessorMaxPollRPS=2000',
  'history.visibilityProcessorMaxPollRPS=2000',
  'system.enableActivityEagerExecution=true',
  'matching.useNewMatcher=true',
];

/** Timers otherwise fire up to a second late, which costs a test more than its work. */
const FAST_TIMERS = 'history.timerProcessorMaxTimeShift="10ms"';

/** By these the operator's page finds hours. `Partition` alone is a reserved word there. */
const SEARCH_ATTRIBUTES = ['HourloomPipeline=Keyword', 'HourloomPartition=Keyword', 'HourloomOutcome=Keyword'];

export interface StartTemporalOptions {
  /** The temporal program: see `findBinary`. */
  readonly binary: string;
  /** Holds the server's database; made at the first start, kept for the next. */
  readonly directory: string;
  /** A free one where it is not given. */
  readonly port?: number;
  /** Where the operator's page is served; there is none where it is not given. */
  readonly uiPort?: number;
  /** For tests: timers fire within 40 ms of their time instead of a second. */
  readonly fastTimers?: boolean;
  readonly log: ServiceLog;
  /** Gives the start up. */
  readonly abort?: AbortSignal;
}

export interface TemporalService extends Service {
  /** `host:port`, as clients take it. */
  readonly address: string;
  /** The operator's page; undefined where no port was given for it. */
  readonly uiUrl: string | undefined;
}

/** Starts a Temporal server on loopback, with namespace `default`, our search attributes and 30 days of retention. */
export async function startTemporal(options: StartTemporalOptions): Promise<TemporalService> {
  await mkdir(options.directory, { recursive: true });
  return startOnPort('Temporal', options.port, (port) =>
    startOnPort('the Temporal UI', options.uiPort, (uiPort) => startOn(port, uiPort, options)),
  );
}

async function startOn(port: number, uiPort: number, options: StartTemporalOptions): Promise<TemporalService> {
  const { binary, log } = options;
  const address = `127.0.0.1:${port}`;
  const service = await spawnService({
    name: 'Temporal',
    command: binary,
    args: [
      ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port), '--log-level', 'warn'],
      ...(options.uiPort === undefined ? ['--headless'] : ['--ui-port', String(uiPort)]),
      ...['--db-filename', join(options.directory, 'temporal.db')],
      ...['--sqlite-pragma', 'journal_mode=WAL', '--sqlite-pragma', 'synchronous=normal'],
      ...[...DYNAMIC_CONFIG, ...(options.fastTimers ? [FAST_TIMERS] : [])].flatMap((value) => [
        '--dynamic-config-value',
        value,
      ]),
      ...SEARCH_ATTRIBUTES.flatMap((attribute) => ['--search-attribute', attribute]),
    ],
    log,
    abort: options.abort,
    ready: () => probeTemporal(address),
    announces: new RegExp(`Server:\\s+\\S+:${port}\\b`, 'u'),
    readyWithinMs: READY_WITHIN_MS,
    stopSignal: 'SIGTERM',
  });
  try {
    await raiseRetention(binary, address);
  } catch (cause) {
    await service.kill();
    throw new UnreachableError(`Temporal started at ${address}, but its retention could not be set.`, { cause });
  }
  return { ...service, address, uiUrl: options.uiPort === undefined ? undefined : `http://127.0.0.1:${uiPort}` };
}

/** A development server forgets closed workflows after a day; people look for last week's. */
async function raiseRetention(binary: string, address: string): Promise<void> {
  const args = ['operator', 'namespace', 'update', '--namespace', 'default', '--retention', RETENTION];
  await promisify(execFile)(binary, [...args, '--address', address], { timeout: READY_WITHIN_MS });
}
