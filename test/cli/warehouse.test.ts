import { readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import postgres from 'postgres';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createDatabase } from '../support/services.ts';
import { documentOf, expectRefusal, giveServers, hourloom, start } from './hourloom.ts';
import type { Answer, Environment } from './hourloom.ts';

/** As they lie in the folder: `0001_fence` and so on. */
const MIGRATIONS = readdirSync(new URL('../../sql', import.meta.url))
  .filter((name) => /^\d{4}_.*(?<!\.down)\.sql$/u.test(name))
  .map((name) => name.slice(0, -'.sql'.length))
  .sort();

let folder: string;
let env: Environment;
let sql: postgres.Sql;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hourloom-cli-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

beforeEach(async () => {
  const databaseUrl = await createDatabase();
  // The warehouse is all that these commands need, so no machine is started.
  env = { HOURLOOM_FOLDER: join(folder, '.hourloom'), DATABASE_URL: databaseUrl };
  sql = postgres(databaseUrl, { max: 1, onnotice: () => undefined });
  return () => sql.end();
});

describe('migrate', () => {
  test('goes up, down to none and up again, and says each time where it stands', async () => {
    expect(await states(['status'])).toEqual(MIGRATIONS.map((name) => [name, 'pending']));
    expect(await states(['up'])).toEqual(MIGRATIONS.map((name) => [name, 'applied']));
    expect(await states(['up'])).toEqual(MIGRATIONS.map((name) => [name, 'applied']));
    expect(await states(['down', '--to', '3'])).toEqual(
      MIGRATIONS.map((name, index) => [name, index < 3 ? 'applied' : 'pending']),
    );
    expect(await states(['down', '--to', '0'])).toEqual(MIGRATIONS.map((name) => [name, 'pending']));
    expect(await tables()).toEqual(['migration']);
    expect(await states(['up'])).toEqual(MIGRATIONS.map((name) => [name, 'applied']));
    expect(await tables()).toEqual([
      ...['attempt_note', 'backfill', 'check_result', 'deploy', 'erasure', 'erasure_audit', 'fence', 'health'],
      ...[
        'last_failure',
        'materialization',
        'migration',
        'pool',
        'quarantine',
        'reference',
        'ruled_partition',
        'ruling',
      ],
      ...['suppression', 'survey'],
    ]);
  });

  test('prints a table for people', async () => {
    const { code, stdout, stderr } = await ask(['migrate', 'status']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.split('\n').map((line) => line.split(/ {2,}/u))).toEqual([
      ['migration', 'state', 'applied'],
      ...MIGRATIONS.map((name) => [name, 'pending', '–']),
      [''],
    ]);
  });

  test.each([
    [['sideways'], 'migrate goes "up", "down" or shows "status"; "sideways" is none of them.'],
    [['down'], 'Say how far down: hourloom migrate down --to 3 keeps migrations 1 to 3; --to belongs to down only.'],
    [
      ['up', '--to', '2'],
      'Say how far down: hourloom migrate down --to 3 keeps migrations 1 to 3; --to belongs to down only.',
    ],
    [['down', '--to', 'fence'], '--to "fence" is no migration\'s number. 0 takes all of them back.'],
    [
      ['down', '--to', '99'],
      `There is no migration 99. The highest is ${MIGRATIONS.at(-1)}; 0 takes all of them back.`,
    ],
  ])('refuses %j', async (args, sentence) => {
    expectRefusal(await ask(['migrate', ...args]), 2, sentence);
  });

  test('leaves a warehouse of a newer version alone, and so does up', async () => {
    await ask(['migrate', 'up']);
    await sql`
      insert into hourloom.migration (number, name, digest, applied_at)
      values (99, '0099_later', sha256('later'), now())
    `;
    const sentence =
      'The warehouse has migration 0099_later, which this version does not know. Use the version that applied it, or a newer one.';
    for (const args of [['status'], ['up'], ['down', '--to', '0']]) {
      expectRefusal(await ask(['migrate', ...args]), 3, sentence);
    }
    env = { ...(await giveServers(folder, 'any')), DATABASE_URL: env['DATABASE_URL'] ?? '' };
    expectRefusal(await ask(['up', '--once']), 3, `The worker could not be started: ${sentence}`);
  });
});

describe('query', () => {
  test('prints a table for people, in which data cannot drive the terminal', async () => {
    const text = "select 7 as number, e'red \\x1b[31m\\n' as text, null as nothing, true as truth";
    expect(await ask(['query', text])).toEqual({
      code: 0,
      stdout: 'number  text              nothing  truth\n     7  red \\u001b[31m\\n  –        true\n',
      stderr: '',
    });
  });

  test('prints one document with --json', async () => {
    const answer = await ask(['query', "select 7 as number, e'a\\tb' as text, null as nothing", '--json']);
    expect(documentOf(answer)).toEqual({
      columns: ['number', 'text', 'nothing'],
      rows: [{ number: 7, text: 'a\tb', nothing: null }],
      truncated: false,
    });
  });

  test('shows the first thousand rows of many, and says so', async () => {
    const answer = await ask(['query', 'select n from generate_series(1, 1000000) as n', '--json']);
    expect(answer.code).toBe(0);
    expect(answer.stderr).toBe('Only the first 1000 rows are shown. Add a limit or a condition.\n');
    const { rows, truncated } = documentOf(answer) as { rows: { n: number }[]; truncated: boolean };
    expect({ truncated, length: rows.length, last: rows.at(-1) }).toEqual({
      truncated: true,
      length: 1000,
      last: { n: 1000 },
    });
  });

  test('ends quietly when its reader has seen enough', async () => {
    const statement = "select repeat('x', 1000) from generate_series(1, 1000)";
    const { child, said, ended } = start(['query', statement], env);
    child.stdout?.destroy();
    expect((await ended).code).toBe(0);
    expect(said.stderr).toBe('');
  });

  test.each([
    [
      'insert into hourloom.fence values (1)',
      'Only one statement that reads can be asked: begin it with select, with, values, table, show or explain.',
    ],
    ['', 'Write a statement: hourloom query "select count(*) from door2door.vehicle_location"'],
    ['select nope', 'Postgres refused the statement: column "nope" does not exist.'],
    ['select 1/0', 'Postgres refused the statement: division by zero.'],
    ['select * from hourloom.nope', 'Postgres refused the statement: relation "hourloom.nope" does not exist.'],
    [
      'select migration.namee from (values (1)) as migration (name)',
      'Postgres refused the statement: column migration.namee does not exist. Perhaps you meant to reference the column "migration.name".',
    ],
    [
      'select 1; select 2',
      'Postgres refused the statement: cannot insert multiple commands into a prepared statement.',
    ],
    [
      "select set_config('transaction_read_only', 'off', false)",
      'Postgres refused the statement: cannot set transaction read-write mode inside a read-only transaction.',
    ],
    ['with made as (create table x ()) select 1', 'Postgres refused the statement: syntax error at or near "create".'],
  ])('refuses %j', async (statement, sentence) => {
    expectRefusal(await ask(['query', statement]), 2, sentence);
  });

  test('refuses a statement that would write, and nothing is written', async () => {
    await ask(['migrate', 'up']);
    const statement = 'with gone as (delete from hourloom.migration returning 1) select * from gone';
    const sentence = 'The statement would write, and query only reads. Write with: hourloom shell';
    expectRefusal(await ask(['query', statement]), 2, sentence);
    expect(await sql`select count(*)::int as migrations from hourloom.migration`).toEqual([
      { migrations: MIGRATIONS.length },
    ]);
  });
});

function ask(args: readonly string[]): Promise<Answer> {
  return hourloom(args, env);
}

async function states(args: readonly string[]): Promise<readonly unknown[]> {
  const answer = await ask(['migrate', ...args, '--json']);
  expect({ code: answer.code, stderr: answer.stderr }).toEqual({ code: 0, stderr: '' });
  const { migrations } = documentOf(answer) as { migrations: { name: string; state: string }[] };
  return migrations.map(({ name, state }) => [name, state]);
}

async function tables(): Promise<readonly string[]> {
  const rows = await sql<{ name: string }[]>`
    select tablename as name
    from pg_tables
    where schemaname = 'hourloom'
    order by tablename
  `;
  return rows.map(({ name }) => name);
}
