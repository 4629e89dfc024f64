import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadDefinitions } from '../../config/load-definitions.ts';
import { ConfigurationError } from '../../config/errors.ts';

test('without a module named, the project’s own pipelines are loaded', async () => {
  expect([...(await loadDefinitions(undefined)).pipelines.keys()]).toEqual(
    expect.arrayContaining(['door2door', 'retail', 'trips']),
  );
});

test('a module in a language that Node does not read is refused with what to do', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hourloom-definitions-'));
  const file = join(folder, 'assets.coffee');
  await writeFile(file, 'export a = 1');
  const failure = await loadDefinitions(file).catch((error: unknown) => error);
  await rm(folder, { recursive: true });
  expect(failure).toBeInstanceOf(ConfigurationError);
  expect((failure as Error).message).toMatch(/^The definitions in .*assets\.coffee cannot be loaded: /u);
});
