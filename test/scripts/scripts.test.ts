import { execFile, spawn } from 'node:child_process';
import { appendFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { makeProject } from './make-project.ts';

const projects: string[] = [];

async function newProject(checks?: Readonly<Record<string, string>>): Promise<string> {
  const root = await makeProject(checks);
  projects.push(root);
  return root;
}

afterEach(async () => {
  for (const root of projects.splice(0)) await rm(root, { recursive: true, force: true });
});

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a script of the project to its end, with nothing in its environment from an npm or a CI that runs us. */
function runScript(root: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  const { npm_lifecycle_event: _event, HOURLOOM_README: _readme, ...own } = process.env;
  return new Promise((resolve) => {
    execFile(process.execPath, [...args], { cwd: root, env: { ...own, ...env } }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
  });
}

async function readLines(root: string, file: string): Promise<readonly string[]> {
  const text = await readFile(join(root, file), 'utf8').catch(() => '');
  return text.split('\n').filter((line) => line !== '');
}

describe('building', () => {
  test('happens once for the same sources, and again when one changes or goes', async () => {
    const root = await newProject();
    const start = () => runScript(root, ['scripts/start.mjs', '--once']);
    await start();
    await start();
    expect(await readLines(root, 'builds.log')).toEqual(['built']);
    await writeFile(join(root, 'model/window.ts'), 'export const window = 2;');
    await start();
    expect(await readLines(root, 'builds.log')).toHaveLength(2);
    await rm(join(root, 'model/window.ts'));
    await start();
    expect(await readLines(root, 'builds.log')).toHaveLength(3);
  });

  test('happens once when two start at once, also behind a holder that died', async () => {
    const root = await newProject();
    const dead = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
    await new Promise((resolve) => dead.once('close', resolve));
    await mkdir(join(root, '.build'));
    await writeFile(join(root, '.build/lock-4'), String(dead.pid));
    const codes = await Promise.all([1, 2, 3].map(() => runScript(root, ['scripts/start.mjs', '--once'])));
    expect(codes.map(({ code }) => code)).toEqual([7, 7, 7]);
    expect(await readLines(root, 'builds.log')).toEqual(['built']);
  });

  test('that fails shows why and keeps the last build', async () => {
    const root = await newProject();
    await runScript(root, ['scripts/start.mjs', '--once']);
    await appendFile(join(root, 'tsconfig.json'), ' ');
    await writeFile(join(root, 'node_modules/.bin/tsc'), '#!/bin/sh\necho "no such type"; exit 2\n');
    const { code, stderr } = await runScript(root, ['scripts/start.mjs', '--once']);
    expect({ code, stderr }).toEqual({ code: 1, stderr: 'Building\nno such type\n\ntsc failed with exit code 2.\n' });
    expect(await readFile(join(root, 'dist/cli/main.js'), 'utf8')).not.toBe('');
  });
});

describe('start', () => {
  test('runs `up --sample` with our arguments and gives its exit code', async () => {
    const root = await newProject();
    expect(await runScript(root, ['scripts/start.mjs', '--once', '--fresh'])).toMatchObject({ code: 7 });
    expect((await readLines(root, 'up.log'))[0]).toBe('up --sample --once --fresh');
  });

  test.each(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)(
    'ends what it started in order when %s ends it',
    async (signal) => {
      const root = await newProject();
      const script = spawn(process.execPath, ['scripts/start.mjs'], { cwd: root, stdio: 'ignore' });
      await vi.waitFor(async () => expect(await readLines(root, 'up.log')).toHaveLength(2), { timeout: 10_000 });
      script.kill(signal);
      const expected = signal === 'SIGKILL' ? 'SIGTERM' : signal;
      await vi.waitFor(async () => expect((await readLines(root, 'up.log'))[2]).toBe(expected), { timeout: 10_000 });
      const pid = Number((await readLines(root, 'up.log'))[1]);
      await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow('ESRCH'), { timeout: 10_000 });
    },
  );
});

describe('test', () => {
  const report = {
    code: 0,
    written: true,
    numPassedTests: 10,
    numFailedTests: 0,
    numPendingTests: 0,
    numTodoTests: 0,
    testResults: [] as object[],
  };

  async function runTests(changed: Partial<typeof report>, checks?: Readonly<Record<string, string>>) {
    const root = await newProject(checks);
    await writeFile(join(root, 'report.json'), JSON.stringify({ ...report, ...changed }));
    const { code, stdout } = await runScript(root, ['scripts/test.mjs']);
    return { code, lastLine: stdout.split('\n').at(-2) };
  }

  test('counts each check as a test, and the counts are the last line', async () => {
    expect(await runTests({})).toEqual({ code: 0, lastLine: '14 passed, 0 failed' });
  });

  test('fails with a failed check, and still runs what comes after', async () => {
    const result = await runTests({}, { 'check:lint': 'exit 3' });
    expect(result).toEqual({ code: 1, lastLine: '13 passed, 1 failed' });
  });

  test('counts a test file that cannot be loaded as a failure, and says what was skipped', async () => {
    const testResults = [
      { status: 'failed', assertionResults: [] },
      { status: 'failed', assertionResults: [{ status: 'failed' }] },
    ];
    const result = await runTests({ code: 1, numFailedTests: 1, numPendingTests: 2, testResults });
    expect(result).toEqual({ code: 1, lastLine: '14 passed, 2 failed, 2 skipped' });
  });

  test('counts a crash of the test runner as a failure', async () => {
    expect(await runTests({ code: 1, written: false })).toEqual({ code: 1, lastLine: '4 passed, 1 failed' });
    expect(await runTests({ code: 1 })).toEqual({ code: 1, lastLine: '14 passed, 1 failed' });
  });
});

describe('the commands of README.md and docs', () => {
  const readme = (root: string) => runScript(root, ['scripts/readme-commands.mjs', root]);

  test('run in order, those marked and no others', async () => {
    const root = await newProject();
    const marked = (command: string) => `Text.\n\n<!-- ci -->\n\`\`\`sh\n${command}\n\`\`\`\n`;
    await writeFile(
      join(root, 'README.md'),
      `${marked('echo one >> ran.log')}\n\`\`\`sh\nexit 3\n\`\`\`\n${marked('echo two >> ran.log')}`,
    );
    await mkdir(join(root, 'docs'));
    await writeFile(join(root, 'docs/guide.md'), marked('echo three >> ran.log'));
    expect(await readme(root)).toMatchObject({ code: 0 });
    expect(await readLines(root, 'ran.log')).toEqual(['one', 'two', 'three']);
  });

  test('stop at the first that fails, by its file and line', async () => {
    const root = await newProject();
    await writeFile(join(root, 'README.md'), '# Title\n<!-- ci -->\n```sh\nfalse | true\necho on >> ran.log\n```\n');
    const { code, stderr } = await readme(root);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^README\.md:4 failed with exit code 1 after /u);
    expect(await readLines(root, 'ran.log')).toEqual([]);
  });

  test('are an error where a mark stands above no block', async () => {
    const root = await newProject();
    await writeFile(join(root, 'README.md'), '<!-- ci -->\n\n```sh\ntrue\n```\n');
    const { code, stderr } = await readme(root);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringContaining('README.md:1 <!-- ci --> must stand'),
    });
  });
});

test('an older Node is told what is needed', async () => {
  const root = await newProject();
  const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as object;
  await writeFile(join(root, 'package.json'), JSON.stringify({ ...manifest, engines: { node: '>=99.1' } }));
  expect(await runScript(root, ['scripts/start.mjs'])).toMatchObject({
    code: 3,
    stderr: `Hourloom needs Node 99.1 or newer, and this is ${process.versions.node}. Node 24 is recommended.\n`,
  });
});
