import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeleteBucketCommand } from '@aws-sdk/client-s3';
import postgres from 'postgres';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openLake } from '../../lake/open-lake.ts';
import { findMachine } from '../../local/find-machine.ts';
import { readMachineFile } from '../../local/machine-file.ts';
import { machineFolder } from '../../local/machine-folder.ts';
import { stopMachine } from '../../local/stop-machine.ts';
import { waitFor } from '../support/wait-for.ts';
import { documentOf, expectRefusal, HOUR, hourFolder, hourloom, start } from './hourloom.ts';
import type { Answer } from './hourloom.ts';

// One machine for the whole file: each test goes on where the one before it ended, as a person does.

// Whole machines start and stop here; on a busy computer each takes its time.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

let folder: string;
let machine: string;
const answers: Answer[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hourloom-cli-'));
  machine = join(folder, '.hourloom');
});

afterAll(async () => {
  await stopMachine(machine);
  await rm(folder, { recursive: true, force: true });
});

const RUN = ['run', 'door2door', '--hour', '2019-06-01T18', '--wait'];
const STARTING = 'Nothing runs here yet: starting Temporal, Postgres and S3 in the background…\n';

async function ask(...args: readonly string[]): Promise<Answer> {
  const answer = await hourloom(args, { HOURLOOM_FOLDER: machine });
  answers.push(answer);
  return answer;
}

/** The document of a command that went well and had nothing else to say. */
async function askJson(...args: readonly string[]): Promise<Record<string, unknown>> {
  const answer = await ask(...args, '--json');
  expect({ code: answer.code, stderr: answer.stderr }).toEqual({ code: 0, stderr: '' });
  return documentOf(answer) as Record<string, unknown>;
}

const STARTED = {
  pipeline: 'door2door',
  partition: '2019-06-01T18',
  workflowId: 'hour/door2door-2019-06-01T18:00:00Z',
  joined: false,
};

test('before anything runs, what needs nothing starts nothing', async () => {
  expect(await askJson('down')).toEqual({ state: 'none' });
  expect(await askJson('logs')).toEqual({ logs: [] });
  const { assets } = (await askJson('assets')) as { assets: { asset: string; columns?: { name: string }[] }[] };
  expect(assets.map(({ asset, columns }) => [asset, columns?.length])).toEqual([
    ['door2door/events', undefined],
    ['door2door/vehicle_location', 9],
    ['door2door/operating_periods', 8],
    ['door2door/distance_per_period', 5],
    ['door2door/vehicle_location_update', 4],
  ]);
  expect((await ask('assets')).stdout).toContain('vehicle_latitude double precision null <- data.location.lat');
  expect((await ask('doctor')).stdout).toMatch(/^Machine in .* absent +not running +Start it with: npm start$/mu);
  expect(await findMachine(machine)).toEqual({ state: 'none' });
});

test('the first commands start one machine, say so, and share it', async () => {
  const [one, two] = await Promise.all([ask('shell', '--json'), ask('shell', '--json')]);
  // As a whole, so that a failure shows what was said.
  expect([one, two].filter(({ code }) => code !== 0)).toEqual([]);
  expect([one.stderr, two.stderr]).toContain(STARTING);
  expect(documentOf(one)).toEqual(documentOf(two));
  expect(await findMachine(machine)).toMatchObject({ state: 'ready', attended: false });
});

test('later commands find it and have nothing to say of it', async () => {
  const { assets, runs, failures } = await askJson('status');
  const health = { state: 'unknown', why: 'Nothing was made yet, and nothing is promised.', partition: null };
  const nothing = { made: 0, empty: 0, rows: 0, quarantined: 0, newest: null, health };
  expect(assets).toEqual([
    { asset: 'door2door/events', ...nothing },
    { asset: 'door2door/vehicle_location', ...nothing },
    { asset: 'door2door/operating_periods', ...nothing },
    { asset: 'door2door/distance_per_period', ...nothing },
    { asset: 'door2door/vehicle_location_update', ...nothing },
  ]);
  expect({ runs, failures }).toEqual({ runs: [], failures: [] });
});

test('doctor finds all well', async () => {
  const { healthy, findings } = (await askJson('doctor')) as { healthy: boolean; findings: Record<string, string>[] };
  expect(healthy).toBe(true);
  expect(findings.map(({ what }) => what)).toEqual([
    'Node',
    'Definitions',
    'Temporal server',
    'S3 server',
    'Postgres server',
    'psql',
    `Machine in ${machine}`,
    'Temporal',
    'Warehouse',
    'Alerts',
    'Lake',
  ]);
  expect(findings.filter(({ what, state }) => state !== 'ok' && what !== 'psql')).toEqual([]);
});

test('a command that names another warehouse than the machine’s is not carried out on the wrong one', async () => {
  const env = { HOURLOOM_FOLDER: machine, DATABASE_URL: 'postgres://me:open-sesame@127.0.0.1:1/mine' };
  expectRefusal(
    await hourloom(RUN, env),
    3,
    `The machine in ${machine} does not run with what DATABASE_URL says now. Stop it first (hourloom down); the next command starts it with that.`,
  );
  const doctor = await hourloom(['doctor'], env);
  expect(doctor.code).toBe(3);
  expect(doctor.stderr).toBe(`2 of 11 things need you: Machine in ${machine}, Warehouse.\n`);
  answers.push(doctor);
});

test('a run whose source bucket is missing fails, with one sentence and one document', async () => {
  await deleteSourceBucket();
  const reason =
    'There is no source bucket "door2door-events" at ' +
    `${(await addresses()).s3.endpoint}. Create it, or correct the bucket's name.`;
  const answer = await ask(...RUN, '--json');
  expect(answer.code).toBe(1);
  expect(answer.stderr).toBe(`${STARTED.workflowId} failed: ${reason}\n`);
  expect(documentOf(answer)).toEqual({ ...STARTED, outcome: 'failed', reason });

  expect(await askJson('status')).toMatchObject({
    failures: [{ pipeline: 'door2door', partition: '2019-06-01T18', reason, retryable: false }],
  });
});

test('a run from a merged object that was never made fails', async () => {
  const answer = await ask(...RUN, '--from', 'transform');
  expectRefusal(
    answer,
    1,
    `${STARTED.workflowId} failed: The lake has no merged object of door2door 2019-06-01T18. Run it once without --from, or with --until merge.`,
  );
});

test(`feed puts ${HOUR.title} into the source bucket, which it makes`, async () => {
  const document = await askJson('feed', 'door2door', await hourFolder(folder));
  expect(document).toEqual({
    pipeline: 'door2door',
    bucket: 'door2door-events',
    files: HOUR.files,
    matching: HOUR.files,
    others: 0,
  });
});

test('run --until merge makes the merged object alone', async () => {
  expect(await askJson(...RUN, '--until', 'merge')).toEqual({
    ...STARTED,
    outcome: 'made',
    data: 'fresh',
    counts: { ...HOUR.counts, lines: null, good: null, duplicate: null, quarantined: null },
    rows: {},
  });
});

test('run --from transform makes the tables from it', async () => {
  const made = { ...STARTED, outcome: 'made', data: 'fresh', counts: HOUR.counts, rows: HOUR.rows };
  expect(await askJson(...RUN, '--from', 'transform')).toEqual(made);
});

test('run again finds nothing changed; with --force it is made again, and no row is there twice', async () => {
  const result = { ...STARTED, data: 'fresh', counts: HOUR.counts, rows: HOUR.rows };
  expect(await askJson(...RUN)).toEqual({ ...result, outcome: 'unchanged' });
  expect(await askJson(...RUN, '--force')).toEqual({ ...result, outcome: 'made' });
  const counted = await askJson(
    'query',
    'select count(*) as rows, count(distinct event_generated_id) as ids from door2door.vehicle_location',
  );
  expect(counted['rows']).toEqual([{ rows: HOUR.vehicles, ids: HOUR.vehicles }]);
});

test('while a step is tried again, who waits is told why', async () => {
  const sql = postgres((await addresses()).databaseUrl, { max: 1 });
  await sql`alter table hourloom.fence rename to fence_away`;
  const running = start([...RUN, '--force'], { HOURLOOM_FOLDER: machine });
  const line = 'extract is tried again: relation "hourloom.fence" does not exist\n';
  await waitFor('it says why', () => running.said.stderr === line);
  await sql`alter table hourloom.fence_away rename to fence`;
  await sql.end();
  expect(await running.ended).toMatchObject({ code: 0, stderr: line });
});

test('what people read says the same', async () => {
  const width = Math.max('rows'.length, String(HOUR.vehicles).length);
  expect(await ask(...RUN)).toEqual({
    code: 0,
    stderr: '',
    stdout:
      `${STARTED.workflowId}: unchanged, fresh. ${HOUR.files} files, ${HOUR.lines} lines: ${HOUR.lines} good, 0 duplicate, 0 quarantined.\n` +
      `asset                        ${'rows'.padEnd(width)}`.trimEnd() +
      '\n' +
      `door2door/vehicle_location   ${String(HOUR.vehicles).padStart(width)}\n` +
      `door2door/operating_periods  ${String(HOUR.periods).padStart(width)}\n`,
  });
});

test('a window that is not over waits, and who asks again joins its run', async () => {
  const later = ['run', 'door2door', '--hour', '2100-01-01T00'];
  const waits = 'Its window is over and settled at 2100-01-01T01:05:00.000Z; the run waits until then.\n';
  const workflowId = 'hour/door2door-2100-01-01T00:00:00Z';
  expect(await ask(...later)).toEqual({
    code: 0,
    stderr: waits,
    stdout: `Started ${workflowId}. Follow it with --wait, or on Temporal’s page.\n`,
  });
  const again = await ask(...later, '--json');
  expect(again.stderr).toBe(`A run of 2100-01-01T00 was open already: joined it.\n${waits}`);
  expect(documentOf(again)).toEqual({ pipeline: 'door2door', partition: '2100-01-01T00', workflowId, joined: true });

  const health = {
    state: 'healthy',
    why: expect.stringMatching(/^2019-06-01T18 is there since .*, and nothing promised is late\.$/u) as string,
    partition: '2019-06-01T18',
  };
  const made = { made: 1, empty: 0, quarantined: 0, newest: '2019-06-01T18', health };
  expect(await askJson('status')).toEqual({
    assets: [
      { asset: 'door2door/events', ...made, rows: 0 },
      { asset: 'door2door/vehicle_location', ...made, rows: HOUR.vehicles },
      { asset: 'door2door/operating_periods', ...made, rows: HOUR.periods },
      // What follows from an hour comes after it, in its own time.
      expect.objectContaining({ asset: 'door2door/distance_per_period' }),
      expect.objectContaining({ asset: 'door2door/vehicle_location_update' }),
    ],
    alerts: null,
    sources: [],
    erasures: { open: 0, due: 0, firstDueAt: null },
    checks: [],
    runs: [{ pipeline: 'door2door', partition: '2100-01-01T00', attempt: 'waiting', workflowId }],
    failures: [],
  });
});

test('logs shows the last lines of each service, or of one', async () => {
  const { logs } = (await askJson('logs', '--lines', '2')) as { logs: { service: string; lines: string[] }[] };
  expect(logs.map(({ service }) => service)).toEqual(['machine', 'postgres', 's3', 'temporal', 'up', 'worker']);
  expect(logs.every(({ lines }) => lines.length <= 2)).toBe(true);
  const worker = await ask('logs', 'worker', '--lines', '10000');
  expect(worker.stdout).toMatch(/^== worker\n/u);
  expect(worker.stdout).toContain('"msg":"worker takes work"');
  expectRefusal(
    await ask('logs', 'postman'),
    2,
    'There is no log of "postman". There is: machine, postgres, s3, temporal, up, worker.',
  );
  expectRefusal(
    await ask('logs', '--lines', 'all'),
    2,
    '--lines "all" is no number of lines. Write one from 1 to 10000.',
  );
});

test('down stops it; down again finds nothing', async () => {
  expect(await askJson('down')).toEqual({ state: 'stopped' });
  expect(await findMachine(machine)).toEqual({ state: 'none' });
  expect(await ask('down')).toEqual({ code: 0, stdout: 'Nothing runs here.\n', stderr: '' });
});

test('none of the answers above holds a secret', async () => {
  const { keys } = (await readMachineFile(machineFolder(machine).file)) ?? {};
  expect(keys?.secretAccessKey).toMatch(/^.{40}$/u);
  const all = answers.map(({ stdout, stderr }) => `${stdout}${stderr}`).join('\n');
  expect(all).not.toContain(keys?.secretAccessKey);
  expect(all).not.toContain('open-sesame');
});

async function addresses() {
  const found = await findMachine(machine);
  if (found.state !== 'ready') throw new Error(`The machine is ${found.state}`);
  return found.addresses;
}

async function deleteSourceBucket(): Promise<void> {
  const lake = openLake({ ...(await addresses()).s3, bucket: 'door2door-events' });
  try {
    await lake.s3.send(new DeleteBucketCommand({ Bucket: lake.bucket }));
  } finally {
    await lake.close();
  }
}
