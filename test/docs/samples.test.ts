import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { collectDefinitions } from '../../define/definitions.ts';

const ROOT = join(import.meta.dirname, '../..');
const SAMPLES: readonly {
  readonly page: string;
  readonly section?: string;
  readonly file: string;
  readonly tables: readonly string[];
}[] = [
  { page: 'README.md', file: 'readme.ts', tables: ['shop/orders'] },
  { page: 'docs/sources.md', section: '## Any code', file: 'sources.ts', tables: ['weather/observations'] },
  { page: 'docs/writing-a-pipeline.md', file: 'guide.ts', tables: ['sensors/readings', 'sensors/alarms'] },
  { page: 'docs/privacy.md', section: '## Asking by files', file: 'asking.ts', tables: ['letters/erasure_requests'] },
  { page: 'docs/checks.md', file: 'checks.ts', tables: ['taxi/trips'] },
];

/** As deep in the project as a pipeline's own folder, so that the samples import what they say. */
let folder: string;

beforeAll(async () => {
  await mkdir(join(ROOT, '.build'), { recursive: true });
  folder = await mkdtemp(join(ROOT, '.build/samples-'));
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ extends: '../../tsconfig.json', include: ['*.ts'] }));
  for (const { page, file, section } of SAMPLES) {
    await writeFile(join(folder, file), await readSample(page, section));
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('what the pages say to write is well typed', async () => {
  const tsc = join(ROOT, 'node_modules/.bin/tsc');
  const { stdout } = await promisify(execFile)(tsc, ['-p', folder]).catch((error: { stdout: string }) => error);
  expect(stdout).toBe('');
});

test.for(SAMPLES)('$page shows a pipeline that loads', async ({ page, file, tables }) => {
  const exported = (await import(pathToFileURL(join(folder, file)).href)) as Record<string, unknown>;
  const declared = [...collectDefinitions(page, exported).pipelines.values()];
  expect(declared.flatMap(({ spec }) => spec.tables.map(({ asset }) => asset))).toEqual(tables);
});

/** The TypeScript of a page, or of one section of it, all of it as one module. */
async function readSample(page: string, section?: string): Promise<string> {
  const whole = await readFile(join(ROOT, page), 'utf8');
  const from = section === undefined ? 0 : whole.indexOf(`\n${section}\n`) + 1;
  const next = section === undefined ? -1 : whole.indexOf('\n## ', from);
  const text = whole.slice(from, next === -1 ? undefined : next);
  return [...text.matchAll(/^```ts\n(.*?)^```$/gmsu)].map(([, block]) => block).join('\n');
}
