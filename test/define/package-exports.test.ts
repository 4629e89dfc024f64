import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');

test('what the package exports is built, with its types: the language, and what tests of definitions need', async () => {
  const { exports } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as {
    exports: Record<string, string | { types: string; default: string }>;
  };
  expect(Object.keys(exports)).toEqual(['.', './testing', './package.json']);
  const files = Object.values(exports).flatMap((target) =>
    typeof target === 'string' ? [target] : Object.values(target),
  );
  expect(files.filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
});

test('a program imports them by the package’s name', async () => {
  const [language, testing] = await Promise.all(
    ['hourloom', 'hourloom/testing'].map((name) => import(name) as Promise<Record<string, unknown>>),
  );
  expect(language).toHaveProperty('pipeline');
  expect(testing).toHaveProperty('runDefinition');
});
