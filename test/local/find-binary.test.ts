import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ConfigurationError } from '../../config/errors.ts';
import { buildBinary } from '../../local/build-binary.ts';
import { findBinary } from '../../local/find-binary.ts';

const SOURCE = {
  program: 'serve',
  title: 'the server',
  goPackage: 'example.com/serve@v1.0.0',
  buildTime: 'a second',
  instead: 'set SERVE_ADDRESS',
};

let folder: string;
let said: string[];
const say = (line: string) => void said.push(line);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hourloom-binary-'));
  said = [];
});

afterEach(() => rm(folder, { recursive: true, force: true }));

test('takes the program on PATH before the one in the cache', async () => {
  const cached = await program('cache/hourloom/bin/versitygw');
  const env = { PATH: `${folder}/none:${folder}/path`, XDG_CACHE_HOME: `${folder}/cache` };
  expect(await findBinary('versitygw', { env, report: say })).toBe(cached);
  const onPath = await program('path/versitygw');
  expect(await findBinary('versitygw', { env, report: say })).toBe(onPath);
});

test('keeps its cache in the home folder where XDG_CACHE_HOME is not set', async () => {
  const cached = await program('.cache/hourloom/bin/temporal');
  expect(await findBinary('temporal', { env: { PATH: '', HOME: folder }, report: say })).toBe(cached);
});

test('of two processes’ worth of requests at once, one builds and all get the result', async () => {
  const go = await program('go', `echo "$@" >> ${folder}/calls; cp "$0" "$GOBIN/serve"`);
  const options = { go, cache: join(folder, 'cache'), env: { PATH: '/usr/bin:/bin' }, report: say };
  const built = await Promise.all([buildBinary(SOURCE, options), buildBinary(SOURCE, options)]);
  expect(built).toEqual([join(folder, 'cache/serve'), join(folder, 'cache/serve')]);
  expect(await readFile(join(folder, 'calls'), 'utf8')).toBe('install example.com/serve@v1.0.0\n');
  expect(said).toContain(`Building the server with Go into ${folder}/cache: a second, once…`);
  expect((await readdir(join(folder, 'cache'))).sort()).toEqual(['serve', 'serve.building']);
});

test('a build that fails says what Go said and what to do instead, and leaves nothing half made', async () => {
  const go = await program('go', 'echo "no route to host" >&2; exit 1');
  const options = { go, cache: join(folder, 'cache'), env: { PATH: '/usr/bin:/bin' }, report: say };
  const failure = await buildBinary(SOURCE, options).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(ConfigurationError);
  expect((failure as Error).message).toBe(
    'Go could not build the server (example.com/serve@v1.0.0): it ended with exit code 1. ' +
      'Check that it can download modules, or set SERVE_ADDRESS. It said:\nno route to host',
  );
  expect(await readdir(join(folder, 'cache'))).toEqual(['serve.building']);
});

async function program(path: string, script = 'exit 0'): Promise<string> {
  const file = join(folder, path);
  await mkdir(join(file, '..'), { recursive: true });
  await writeFile(file, `#!/bin/sh\n${script}\n`);
  await chmod(file, 0o755);
  return file;
}
