import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { sampleVehicles } from '../../assets/door2door/sample.ts';
import { createBucket, createDatabase, services } from '../support/services.ts';
import { hasRealFiles } from '../hour/real-files.ts';

/** The built program; `npm test` builds first. */
const PROGRAM = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** Nothing of what a developer has set for Hourloom, AWS or Temporal reaches the program under test. */
const PLAIN_ENVIRONMENT = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(?:HOURLOOM_|AWS_|TEMPORAL_|DATABASE_URL$)/u.test(name)),
);

export interface Answer {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that runs, and what it has said so far. */
export interface Running {
  readonly child: ChildProcess;
  readonly said: { stdout: string; stderr: string };
  readonly ended: Promise<Answer>;
}

export type Environment = Readonly<Record<string, string>>;

/** Starts the program in a process group of its own, as a terminal does. */
export function start(args: readonly string[], env: Environment): Running {
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    env: { ...PLAIN_ENVIRONMENT, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const said = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said.stderr += text));
  const ended = new Promise<Answer>((resolve) => child.once('close', (code) => resolve({ code, ...said })));
  return { child, said, ended };
}

/** Runs the program to its end. */
export function hourloom(args: readonly string[], env: Environment): Promise<Answer> {
  return start(args, env).ended;
}

/** The one JSON document that a command with `--json` printed: nothing stands before or after it. */
export function documentOf({ stdout }: Answer): unknown {
  const document: unknown = JSON.parse(stdout);
  expect(stdout).toBe(`${JSON.stringify(document, null, 2)}\n`);
  return document;
}

/** Expects this exit code, nothing on stdout, and exactly this sentence on stderr. */
export function expectRefusal(answer: Answer, code: number, sentence: string): void {
  expect(answer).toEqual({ code, stdout: '', stderr: `${sentence}\n` });
}

/** Nobody listens here. */
export const NOBODY = '127.0.0.1:1';

/** The run's real servers as a person's own: a command that is given them starts none. Postgres takes any password. */
export async function giveServers(
  folder: string,
  password: string,
): Promise<Environment & { readonly DATABASE_URL: string }> {
  const { s3, temporalAddress } = services();
  const database = new URL(await createDatabase());
  database.password = password;
  return {
    HOURLOOM_FOLDER: join(folder, '.hourloom'),
    HOURLOOM_LAKE_BUCKET: await createBucket('cli'),
    DATABASE_URL: database.href,
    TEMPORAL_ADDRESS: temporalAddress,
    AWS_ENDPOINT_URL_S3: s3.endpoint,
    AWS_ACCESS_KEY_ID: s3.accessKeyId,
    AWS_SECRET_ACCESS_KEY: s3.secretAccessKey,
  };
}

/** What `2019-06-01T18` holds: the real hour where its files are at hand, else one from the project's own generator. */
export const HOUR = hasRealFiles
  ? describeHour('the real hour', { files: 721, vehicles: 35_349, periods: 2 })
  : describeHour('a generated hour, for the real files are absent,', { files: 180, vehicles: 7_280, periods: 1 });

/** Every file can be read, and every line is good. */
function describeHour(
  title: string,
  size: { readonly files: number; readonly vehicles: number; readonly periods: number },
) {
  const { files, vehicles, periods } = size;
  const lines = vehicles + periods;
  const fileCounts = { files, filesLoaded: files, filesRejected: 0, filesSkipped: 0, filesEmpty: 0 };
  return {
    title,
    ...size,
    lines,
    counts: { ...fileCounts, lines, good: lines, duplicate: 0, quarantined: 0 },
    rows: { 'door2door/vehicle_location': vehicles, 'door2door/operating_periods': periods },
  };
}

/** The folder with that hour's files; a generated one is written below `folder`. */
export async function hourFolder(folder: string): Promise<string> {
  if (hasRealFiles) return fileURLToPath(new URL('../../../shared/data/door2door', import.meta.url));
  const start = Date.parse('2019-06-01T18:00:00Z');
  const root = join(folder, 'generated');
  for (const { key, body } of sampleVehicles({ start, end: start + 3_600_000 })) {
    await mkdir(dirname(join(root, key)), { recursive: true });
    await writeFile(join(root, key), body);
  }
  return root;
}

/** The assets of the project's other pipeline, of which most tests make nothing. */
export const SHOP = ['events', 'customers', 'products', 'transactions', 'purchases', 'delivery_addresses'].map(
  (table) => `retail/${table}`,
);
