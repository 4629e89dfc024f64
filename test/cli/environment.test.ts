import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { documentOf, expectRefusal, giveServers, hourloom, NOBODY } from './hourloom.ts';
import type { Answer, Environment } from './hourloom.ts';

let folder: string;
let given: Environment;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hourloom-cli-'));
  given = await giveServers(folder, 'correct-horse');
});

afterAll(() => rm(folder, { recursive: true, force: true }));

function ask(args: readonly string[], env: Environment = {}): Promise<Answer> {
  return hourloom(args, { ...given, ...env });
}

describe('an environment that cannot be meant', () => {
  test.each([
    [{ DATABASE_URL: 'warehouse' }, 'DATABASE_URL is no address. It begins with postgres:// or postgresql://.'],
    [
      { DATABASE_URL: 'postgres://a:100%@b/c' },
      'DATABASE_URL is no address. It begins with postgres:// or postgresql://.',
    ],
    [{ TEMPORAL_ADDRESS: 'http://x:7233' }, 'TEMPORAL_ADDRESS is no address. Write it as host:port.'],
    [
      { AWS_ENDPOINT_URL_S3: 'localhost:9000' },
      'AWS_ENDPOINT_URL_S3 is no address. It begins with http:// or https://.',
    ],
    [{ AWS_SECRET_ACCESS_KEY: '' }, 'set both AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or neither.'],
    [
      { HOURLOOM_LAKE_BUCKET: 'My Bucket' },
      'HOURLOOM_LAKE_BUCKET is no bucket name: 3 to 63 small letters, digits and hyphens.',
    ],
    [
      { HOURLOOM_SCHEDULES: 'yes', HOURLOOM_LOG_LEVEL: 'loud' },
      'HOURLOOM_SCHEDULES is "on" or "off". HOURLOOM_LOG_LEVEL is debug, info, warn or error.',
    ],
  ])('%j', async (env, sentence) => {
    expectRefusal(await ask(['status'], env), 3, `Bad environment: ${sentence}`);
  });

  test('a machine folder that cannot be one', async () => {
    const file = join(folder, 'file');
    await writeFile(file, '');
    const answer = await ask(['down'], { HOURLOOM_FOLDER: file });
    expectRefusal(
      answer,
      3,
      `${join(file, 'lock')} cannot be used (ENOTDIR). Correct its name or who may read and write it.`,
    );
  });
});

describe('definitions that do not load', () => {
  test.each([
    [
      'throws.mjs',
      'throw new Error("no luck today")',
      (file: string) => `The definitions in ${file} cannot be loaded: no luck today`,
    ],
    [
      'syntax.mjs',
      'export const a = (',
      (file: string) => `The definitions in ${file} cannot be loaded: Unexpected end of input`,
    ],
    [
      'empty.mjs',
      'export const a = 1',
      (file: string) => `${file}: exports no pipeline. Export one made with pipeline(…).`,
    ],
  ])('%s', async (name, text, sentence) => {
    const file = join(folder, name);
    await writeFile(file, text);
    const env = { HOURLOOM_ASSETS: file };
    expectRefusal(await ask(['assets'], env), 3, sentence(file));
    expectRefusal(await ask(['up', '--once'], env), 3, sentence(file));
  });

  test('a module that is not there', async () => {
    const file = join(folder, 'gone.mjs');
    expectRefusal(
      await ask(['assets'], { HOURLOOM_ASSETS: file }),
      3,
      `There are no definitions at ${file}. Correct HOURLOOM_ASSETS.`,
    );
  });
});

describe('doctor', () => {
  test('says what does not answer and ends with 4', async () => {
    const answer = await ask(['doctor', '--json'], { DATABASE_URL: `postgres://me:correct-horse@${NOBODY}/mine` });
    expect(answer.code).toBe(4);
    expect(answer.stderr).toBe('1 of 11 things need you: Warehouse.\n');
    const { healthy, findings } = documentOf(answer) as {
      healthy: boolean;
      findings: { what: string; state: string }[];
    };
    expect(healthy).toBe(false);
    expect(answer.stdout).not.toContain('correct-horse');
    expect(findings.filter(({ state }) => state === 'unreachable').map(({ what }) => what)).toEqual(['Warehouse']);
  });

  test('says what must be set and ends with 3, also where something else does not answer', async () => {
    const answer = await ask(['doctor'], { TEMPORAL_ADDRESS: NOBODY, HOURLOOM_ASSETS: join(folder, 'none.mjs') });
    expect(answer.code).toBe(3);
    expect(answer.stderr).toBe('2 of 11 things need you: Definitions, Temporal.\n');
    expect(answer.stdout).toMatch(/^Definitions +broken +refused +There are no definitions at /mu);
    expect(answer.stdout).toMatch(/^Temporal +unreachable +no answer +Temporal at 127\.0\.0\.1:1 does not answer\./mu);
  });
});
