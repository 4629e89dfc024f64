import { readdir } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { ConfigurationError } from '../config/errors.ts';
import { buildBinary, isExecutable } from './build-binary.ts';
import type { BinarySource } from './build-binary.ts';

const SOURCES = {
  temporal: {
    program: 'temporal',
    title: 'the Temporal server',
    // Later versions cannot be built by `go install`: their go.mod has a replace directive.
    goPackage: 'github.com/temporalio/cli/cmd/temporal@v1.5.1',
    buildTime: 'about 3 minutes',
    downloadPrefix: 'temporal-sdk-typescript-',
    instead: 'install the Temporal CLI (https://docs.temporal.io/cli) or set TEMPORAL_ADDRESS to a server of yours',
  },
  versitygw: {
    program: 'versitygw',
    title: 'the S3 server',
    goPackage: 'github.com/versity/versitygw/cmd/versitygw@v1.7.0',
    buildTime: 'about 40 seconds',
    instead: 'install versitygw (https://github.com/versity/versitygw) or set AWS_ENDPOINT_URL_S3 to a server of yours',
  },
} satisfies Record<string, BinarySource>;

export interface FindBinaryOptions {
  /** PATH and XDG_CACHE_HOME are read; all of it is handed to Go. */
  readonly env: NodeJS.ProcessEnv;
  /** Takes one line for people about what takes long. */
  readonly report: (line: string) => void;
}

/** Where a server's program is, or how it could be had. */
export type LocatedBinary =
  | { readonly state: 'found'; readonly path: string }
  /** Go is there and can build it into `cache`, once. */
  | { readonly state: 'buildable'; readonly go: string; readonly cache: string; readonly buildTime: string }
  /** `advice` says what a person must install or set. */
  | { readonly state: 'missing'; readonly advice: string };

/**
 * Finds a server's program: on PATH, in our cache, where Temporal's SDK keeps its download; else builds it with Go into
 * the cache, once. A `ConfigurationError` says what to install where that cannot be.
 */
export async function findBinary(name: keyof typeof SOURCES, { env, report }: FindBinaryOptions): Promise<string> {
  const located = await locateBinary(name, env);
  if (located.state === 'found') return located.path;
  if (located.state === 'missing') throw new ConfigurationError(located.advice);
  return buildBinary(SOURCES[name], { go: located.go, cache: located.cache, env, report });
}

/** Looks for a server's program and changes nothing. */
export async function locateBinary(name: keyof typeof SOURCES, env: NodeJS.ProcessEnv): Promise<LocatedBinary> {
  const source: BinarySource = SOURCES[name];
  const cache = join(env['XDG_CACHE_HOME'] || join(env['HOME'] || homedir(), '.cache'), 'hourloom', 'bin');
  const path =
    findOnPath(source.program, env) ??
    [join(cache, source.program)].find(isExecutable) ??
    (await findDownload(source.downloadPrefix));
  if (path !== undefined) return { state: 'found', path };

  const go = findOnPath('go', env) ?? ['/usr/local/go/bin/go'].find(isExecutable);
  if (go !== undefined) return { state: 'buildable', go, cache, buildTime: source.buildTime };
  const advice =
    `${source.program} is not on PATH and not in ${cache}, and Go, which would build it, is not installed. ` +
    `Install Go (https://go.dev/dl), or ${source.instead}.`;
  return { state: 'missing', advice };
}

function findOnPath(program: string, env: NodeJS.ProcessEnv): string | undefined {
  const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => join(folder, program)).find(isExecutable);
}

async function findDownload(prefix: string | undefined): Promise<string | undefined> {
  if (prefix === undefined) return undefined;
  const names = (await readdir(tmpdir())).filter((name) => name.startsWith(prefix) && /\d$/u.test(name));
  return names
    .sort()
    .map((name) => join(tmpdir(), name))
    .findLast(isExecutable);
}
