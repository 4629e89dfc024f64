import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';

interface Service {
  readonly image?: string;
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly healthcheck?: { readonly test: readonly string[]; readonly retries: number };
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly stop_grace_period?: string;
}

interface Compose {
  readonly services: Readonly<Record<'temporal' | 'postgres' | 'objects' | 'worker', Service>>;
  readonly volumes: Readonly<Record<string, null>>;
}

const ROOT = join(import.meta.dirname, '../..');
/** After this long a worker gives up the activities it still holds: see worker/create-worker.ts. */
const WORKER_FORCE_SECONDS = 30;

let text: string;
let compose: Compose;
let dockerfile: string;

beforeAll(async () => {
  text = await readFile(join(ROOT, 'docker-compose.yml'), 'utf8');
  compose = parse(text) as Compose;
  dockerfile = await readFile(join(ROOT, 'deploy/Dockerfile'), 'utf8');
});

test('there are Temporal, Postgres, an S3 server and a worker', () => {
  expect(Object.keys(compose.services)).toEqual(['temporal', 'postgres', 'objects', 'worker']);
});

test('every image is pinned to a version', () => {
  const images = Object.values(compose.services).flatMap(({ image }) => image ?? []);
  expect(images).toEqual(['temporalio/temporal:1.5.1', 'postgres:18.4', 'versity/versitygw:v1.7.0']);
});

test('every port is bound to loopback', () => {
  const ports = Object.values(compose.services).flatMap((service) => service.ports ?? []);
  expect(ports).toHaveLength(4);
  for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/u);
});

test('every server is asked whether it answers, and the worker waits until all do', () => {
  const { worker, ...servers } = compose.services;
  for (const { healthcheck } of Object.values(servers)) {
    expect(healthcheck?.test[0]).toBe('CMD');
    expect(healthcheck?.retries).toBeGreaterThan(0);
  }
  expect(worker.depends_on).toEqual(
    Object.fromEntries(Object.keys(servers).map((name) => [name, { condition: 'service_healthy' }])),
  );
});

test('data is kept in named volumes, that of Postgres 18 one folder higher than before', () => {
  expect(compose.services.postgres.volumes).toEqual(['postgres:/var/lib/postgresql']);
  for (const { volumes = [] } of Object.values(compose.services)) {
    for (const volume of volumes) expect(Object.keys(compose.volumes)).toContain(volume.split(':')[0]);
  }
});

test('Temporal listens for the other containers and writes its database to its volume', () => {
  const { command = [], volumes = [] } = compose.services.temporal;
  expect(command.slice(0, 3)).toEqual(['server', 'start-dev', '--ip=0.0.0.0']);
  const folder = volumes[0]?.split(':')[1];
  expect(command).toContain(`--db-filename=${folder}/temporal.db`);
});

test('the worker has more time to stop than it takes itself', () => {
  for (const { stop_grace_period: grace } of Object.values(compose.services)) expect(grace).toMatch(/^\d+s$/u);
  expect(Number.parseInt(compose.services.worker.stop_grace_period ?? '', 10)).toBeGreaterThan(WORKER_FORCE_SECONDS);
});

test('the worker is told all its addresses, and those of the services here', () => {
  const { environment = {} } = compose.services.worker;
  expect(Object.keys(environment).toSorted()).toEqual([
    'AWS_ACCESS_KEY_ID',
    'AWS_ENDPOINT_URL_S3',
    'AWS_REGION',
    'AWS_SECRET_ACCESS_KEY',
    'DATABASE_URL',
    'HOURLOOM_ERASURE_KEY',
    'HOURLOOM_LAKE_BUCKET',
    'TEMPORAL_ADDRESS',
  ]);
  expect(environment['TEMPORAL_ADDRESS']).toBe('temporal:7233');
  expect(environment['AWS_ENDPOINT_URL_S3']).toBe('http://objects:7070');
  expect(environment['DATABASE_URL']).toContain('@postgres:5432/hourloom');
});

test('no secret is written down: each must be given', () => {
  const secrets = [...text.matchAll(/^\s+(?:\w*PASSWORD|\w*(?:ACCESS|SECRET|ERASURE)\w*KEY\w*): (?<value>.*)$/gmu)];
  expect(secrets).toHaveLength(6);
  for (const { groups } of secrets) expect(groups?.['value']).toMatch(/^\$\{[A-Z_]+:\?set it in \.env\}$/u);
});

test('the worker is built from files that are there, runs its built code, and is nobody special', () => {
  expect(compose.services.worker.build).toEqual({ context: '.', dockerfile: 'deploy/Dockerfile' });
  const lines = dockerfile.split('\n').filter((line) => /^[A-Z]+ /u.test(line));
  expect(lines[0]).toBe('FROM node:24-bookworm-slim AS base');
  expect(lines.slice(-2)).toEqual(['USER node', 'CMD ["node", "dist/worker/main.js"]']);
  const copied = lines.flatMap(
    (line) => /^COPY (?!--from)(?<paths>.+) \S+$/u.exec(line)?.groups?.['paths']?.split(' ') ?? [],
  );
  expect(copied.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
});
