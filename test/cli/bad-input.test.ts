import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { services } from '../support/services.ts';
import { expectRefusal, giveServers, hourFolder, hourloom, NOBODY } from './hourloom.ts';
import type { Answer, Environment } from './hourloom.ts';

const PASSWORD = 'correct-horse';

let folder: string;
let database: URL;
let given: Environment;
const answers: Answer[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hourloom-cli-'));
  given = await giveServers(folder, PASSWORD);
  database = new URL(given['DATABASE_URL'] ?? '');
});

afterAll(() => rm(folder, { recursive: true, force: true }));

async function ask(args: readonly string[], env: Environment = {}): Promise<Answer> {
  const answer = await hourloom(args, { ...given, ...env });
  answers.push(answer);
  return answer;
}

/** The warehouse's address with parts of it replaced. */
function warehouse(parts: Partial<Pick<URL, 'host' | 'username' | 'pathname'>>): Environment {
  return { DATABASE_URL: Object.assign(new URL(database), parts).href };
}

describe('a window that cannot be meant', () => {
  const notAStart = (text: string) =>
    `"${text}" is not the start of a window of door2door. Write it in UTC, like its first one: 2019-06-01T18.`;

  test.each([
    ['2019-06-01T25', notAStart('2019-06-01T25')],
    ['2020-02-30T01', notAStart('2020-02-30T01')],
    ['2019-06-01T18:00:00+03:00', notAStart('2019-06-01T18:00:00+03:00')],
    ['2019-06-01T18:30', notAStart('2019-06-01T18:30')],
    ['2019-06-01', notAStart('2019-06-01')],
    ['yesterday', notAStart('yesterday')],
    ['2019-06-01T17', 'door2door begins at 2019-06-01T18; there is no window "2019-06-01T17" before it.'],
  ])('--hour %s', async (hour, sentence) => {
    expectRefusal(await ask(['run', 'door2door', '--hour', hour]), 2, sentence);
  });

  test.each([
    [
      ['run', 'nope', '--hour', '2019-06-01T18'],
      'There is no pipeline or asset "nope". There is: door2door, door2door/distance_per_period, door2door/events, door2door/operating_periods, door2door/vehicle_location, door2door/vehicle_location_update.',
    ],
    [
      ['run', 'door2door/vehicle_location_update'],
      'Say which window of door2door/vehicle_location_update, in UTC, like its first one: 2019-06-01.',
    ],
    [
      ['run', 'door2door/vehicle_location_update', '--partition', '2019-06-01T18'],
      '"2019-06-01T18" is not the start of a window of door2door/vehicle_location_update. Write it in UTC, like its first one: 2019-06-01.',
    ],
    [
      ['run', 'door2door/distance_per_period', '--partition', '2019-06'],
      'door2door/distance_per_period has no partitions: it is one whole. Leave "2019-06" out.',
    ],
    [
      ['run', 'door2door/distance_per_period', '--from', 'transform'],
      'door2door/distance_per_period is computed in one step: --until and --from are of pipelines. Leave them out.',
    ],
    [['run', 'door2door'], 'Say which window: --hour 2019-06-01T18'],
    [
      ['run', 'door2door', '--hour', '2019-06-01T18', '--partition', '2019-06-01T18'],
      'Say either --hour or --partition, not both.',
    ],
    [
      ['run', 'door2door', '--hour', '2019-06-01T18', '--until', 'load'],
      '--until "load" is no step to stop after. There is: merge.',
    ],
    [
      ['run', 'door2door', '--hour', '2019-06-01T18', '--from', 'merge'],
      '--from "merge" is no step to begin with. There is: transform.',
    ],
    [
      ['run', 'door2door', '--hour', '2019-06-01T18', '--until', 'merge', '--from', 'transform'],
      '--until merge and --from transform leave nothing to do. Say one of them.',
    ],
  ])('%j', async (args, sentence) => {
    expectRefusal(await ask(args), 2, sentence);
  });
});

describe('a folder that cannot be fed', () => {
  test('one that does not exist', async () => {
    const missing = join(folder, 'missing');
    expectRefusal(await ask(['feed', 'door2door', missing]), 2, `There is no folder ${missing}.`);
  });

  test('an empty one', async () => {
    const empty = join(folder, 'empty');
    await mkdir(empty);
    expectRefusal(await ask(['feed', 'door2door', empty]), 2, `There are no files in ${empty}.`);
  });

  test('one whose files are named otherwise', async () => {
    const other = join(folder, 'other');
    await mkdir(other);
    await writeFile(join(other, 'notes.txt'), 'hello');
    expectRefusal(
      await ask(['feed', 'door2door', other]),
      2,
      `The one file in ${other} is not named like data/{yyyy}-{MM}-{dd}-{HH}-{m}-{s}-events.json. ` +
        "Give the folder that stands for the bucket's root.",
    );
  });
});

describe('a server that does not answer', () => {
  const noWarehouse = () =>
    `The warehouse at ${NOBODY}${database.pathname} cannot be reached, or it ended the connection (ECONNREFUSED). ` +
    'Check that it runs and that DATABASE_URL is right.';

  test.each([['query', 'select 1'], ['status'], ['migrate', 'status'], ['shell', '--json']])(
    'the warehouse of %s',
    async (...args) => {
      expectRefusal(await ask(args, warehouse({ host: NOBODY })), 4, noWarehouse());
    },
  );

  test('the Temporal of run', async () => {
    const answer = await ask(['run', 'door2door', '--hour', '2019-06-01T18'], { TEMPORAL_ADDRESS: NOBODY });
    expectRefusal(
      answer,
      4,
      `Temporal at ${NOBODY} does not answer. Check that it runs and that TEMPORAL_ADDRESS is right.`,
    );
  });

  test('the S3 server of feed', async () => {
    const answer = await ask(['feed', 'door2door', await hourFolder(folder)], {
      AWS_ENDPOINT_URL_S3: `http://${NOBODY}`,
    });
    expectRefusal(
      answer,
      4,
      `S3 at http://${NOBODY} does not answer as it should: connect ECONNREFUSED ${NOBODY}. Check that it runs and that the address is right.`,
    );
  });

  test.each(['DATABASE_URL', 'TEMPORAL_ADDRESS', 'AWS_ENDPOINT_URL_S3'])(
    'the one that %s names to up',
    async (name) => {
      const addresses: Environment = {
        ...warehouse({ host: NOBODY }),
        TEMPORAL_ADDRESS: NOBODY,
        AWS_ENDPOINT_URL_S3: `http://${NOBODY}`,
      };
      expectRefusal(
        await ask(['up', '--once'], { [name]: addresses[name] ?? '' }),
        4,
        `Nothing answers at ${NOBODY}, which ${name} names. Start that server, or unset ${name} to use the machine's own.`,
      );
    },
  );
});

describe('a server that refuses us', () => {
  const refused = (what: string) =>
    `The warehouse at ${database.host}${what} Correct the user, password or database in DATABASE_URL.`;

  test('the warehouse, a role that does not exist', async () => {
    const sentence = refused(`${database.pathname} refused the connection: role "nobody" does not exist.`);
    expectRefusal(await ask(['query', 'select 1'], warehouse({ username: 'nobody' })), 3, sentence);
    const up = await ask(['up', '--once'], warehouse({ username: 'nobody' }));
    expectRefusal(up, 3, `The worker could not be started: ${sentence}`);
  });

  test('the warehouse, a database that does not exist', async () => {
    const sentence = refused('/nowhere refused the connection: database "nowhere" does not exist.');
    expectRefusal(await ask(['status'], warehouse({ pathname: '/nowhere' })), 3, sentence);
  });

  test('S3, with a wrong secret key and with an unknown access key', async () => {
    const feed = ['feed', 'door2door', await hourFolder(folder)];
    const sentence = (why: string) =>
      `Source bucket "door2door-events" refused our request (${why}). Check the credentials and the region, and that they may list and read it.`;
    const secret = await ask(feed, { AWS_SECRET_ACCESS_KEY: 'not-the-secret' });
    expectRefusal(secret, 3, sentence('SignatureDoesNotMatch'));
    const unknown = await ask(feed, { AWS_ACCESS_KEY_ID: 'nobody' });
    expectRefusal(unknown, 3, sentence('XAdminUserNotFound'));
    const up = await ask(['up', '--once'], { AWS_SECRET_ACCESS_KEY: 'not-the-secret' });
    expectRefusal(
      up,
      3,
      `The worker could not be started: The lake's bucket "${given['HOURLOOM_LAKE_BUCKET']}" cannot be used (status 403). Check its name, the credentials and the region.`,
    );
  });

  test('Temporal, a namespace that does not exist', async () => {
    const sentence = `Temporal at ${given['TEMPORAL_ADDRESS']} refused us: it has no namespace "nowhere". Correct TEMPORAL_NAMESPACE, the key or the certificates.`;
    const env = { TEMPORAL_NAMESPACE: 'nowhere' };
    expectRefusal(await ask(['run', 'door2door', '--hour', '2019-06-01T18'], env), 3, sentence);
    expectRefusal(await ask(['up', '--once'], env), 3, `The worker could not be started: ${sentence}`);
  });
});

test('shell says what to do where psql is not installed, and starts nothing', async () => {
  expectRefusal(
    await ask(['shell'], { PATH: folder }),
    3,
    'psql is not installed. Install the Postgres client, or use: hourloom query "<sql>"',
  );
});

test('with the log level debug an error is told with all that is known, but for secrets', async () => {
  const answer = await ask(['query', 'select 1'], { ...warehouse({ host: NOBODY }), HOURLOOM_LOG_LEVEL: 'debug' });
  expect(answer.code).toBe(4);
  expect(answer.stderr).toContain('WarehouseUnreachableError');
  expect(answer.stderr).toContain('    at ');
});

test('none of the answers above holds a secret', () => {
  const all = answers.map(({ stdout, stderr }) => `${stdout}${stderr}`).join('\n');
  expect(answers.length).toBeGreaterThan(30);
  expect(all).not.toContain(PASSWORD);
  expect(all).not.toContain(services().s3.secretAccessKey);
  expect(all).not.toContain('not-the-secret');
});
