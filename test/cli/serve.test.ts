import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { grantReading } from '../../warehouse/grant-reading.ts';
import { openWarehouse } from '../../warehouse/open-warehouse.ts';
import type { Warehouse } from '../../warehouse/open-warehouse.ts';
import { waitFor } from '../support/wait-for.ts';
import { expectRefusal, giveServers, hourloom, start } from './hourloom.ts';
import type { Environment } from './hourloom.ts';

let folder: string;
let env: Environment & { readonly DATABASE_URL: string };
let owner: Warehouse;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hourloom-serve-'));
  env = await giveServers(folder, 'secret');
  owner = openWarehouse({ url: env.DATABASE_URL, maxConnections: 1, applicationName: 'test' });
  await grantReading(owner, []);
});
afterAll(async () => {
  await owner.close();
  await rm(folder, { recursive: true, force: true });
});

test('the API answers until it is stopped, by itself at its port', async () => {
  const serving = start(['serve', '--port', '0'], env);
  try {
    const address = await waitFor('the API answers', () => /http:\/\/127\.0\.0\.1:\d+/u.exec(serving.said.stdout)?.[0]);
    expect(await (await fetch(`${address}/health`)).json()).toEqual({ status: 'ok' });
    const port = new URL(address).port;
    expectRefusal(
      await hourloom(['serve', '--port', port], env),
      3,
      `The API cannot be served: port ${port} is taken; say another with --port, or 0 for a free one.`,
    );
  } finally {
    serving.child.kill('SIGTERM');
  }
  expect(await serving.ended).toMatchObject({ code: 0, stderr: '' });
});

test('it comes in as a reader, or not at all', async () => {
  const name = `test_${randomBytes(6).toString('hex')}`;
  await owner.sql.unsafe(`create role ${name} login`);
  const url = new URL(env.DATABASE_URL);
  url.username = name;
  expectRefusal(
    await hourloom(['serve', '--port', '0'], { ...env, DATABASE_URL: url.href }),
    3,
    'The API cannot be served: the warehouse does not let its user read as hourloom_reader (permission denied to set role ' +
      '"hourloom_reader"). A worker makes that role when it starts, or says in its log who must. Or set HOURLOOM_READ_URL ' +
      'to an address whose user can only read.',
  );
  const serving = start(['serve', '--port', '0'], { ...env, HOURLOOM_READ_URL: url.href });
  const address = await waitFor('the API answers', () => /http:\/\/127\.0\.0\.1:\d+/u.exec(serving.said.stdout)?.[0]);
  expect((await fetch(`${address}/health`)).status).toBe(200);
  serving.child.kill('SIGTERM');
  await serving.ended;
  await owner.sql.unsafe(`drop role ${name}`);
});

test('query reads by the user that is named for reading', async () => {
  await owner.sql.unsafe('create schema closed');
  await owner.sql.unsafe('create table closed.thing ()');
  const url = new URL(env.DATABASE_URL);
  url.username = 'hourloom_reader';
  const reading = { ...env, HOURLOOM_READ_URL: url.href };
  expect((await hourloom(['query', 'select current_user as who'], reading)).stdout).toBe('who\nhourloom_reader\n');
  expectRefusal(
    await hourloom(['query', 'select * from closed.thing'], reading),
    2,
    'Postgres refused the statement: permission denied for schema closed.',
  );
});
