import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const PACKAGES = ['valibot', 'postgres', 'undici', '@temporalio/workflow', '@temporalio/common', '@temporalio/worker'];

/** Compiled files and the rule that must fail at the first of them: what it must not reach is one file away. */
const FORBIDDEN: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'model-reaches-nothing': {
    'dist/model/bad-plan.js': `export * from './bad-step.js';`,
    'dist/model/bad-step.js': `import 'node:crypto';`,
  },
  'record-does-no-io': {
    'dist/record/bad-road.js': `export * from './bad-spool.js';`,
    'dist/record/bad-spool.js': `import 'node:fs';`,
  },
  'define-is-data': {
    'dist/define/bad-table.js': `export * from '../record/bad-road.js';`,
  },
  'workflows-stay-deterministic': {
    'dist/workflows/bad-hour.js': `export * from '../model/bad-contract.js';`,
    'dist/model/bad-contract.js': `import 'valibot';`,
  },
  'lake-knows-neither-temporal-nor-warehouse': {
    'dist/lake/bad-list.js': `export * from '../record/bad-heartbeat.js';`,
    'dist/record/bad-heartbeat.js': `import '@temporalio/common';`,
  },
  'warehouse-knows-neither-temporal-nor-lake': {
    'dist/warehouse/bad-publish.js': `export * from '../record/bad-get.js';`,
    'dist/record/bad-get.js': `import 'undici';`,
  },
  'client-loads-no-worker': {
    'dist/client/bad-start.js': `export * from '../model/bad-run.js';`,
    'dist/model/bad-run.js': `import '@temporalio/worker';`,
  },
  'core-never-imports-assets': {
    'dist/worker/bad-main.js': `import '../assets/index.js';`,
    'dist/assets/index.js': `export const door2door = {};`,
  },
  'declared-packages-only': {
    'dist/worker/bad-format.js': `import 'undeclared';`,
  },
};

/** As the product is meant to be: nothing in it may fail. */
const ALLOWED: Readonly<Record<string, string>> = {
  'dist/model/plan.js': `export const plan = 1;`,
  'dist/record/contract-types.js': `import 'valibot'; import 'node:crypto'; export * from '../model/plan.js';`,
  'dist/define/index.js': `export * from '../record/contract-types.js';`,
  'dist/workflows/hour.js': `import '@temporalio/workflow'; export * from '../model/plan.js';`,
  'dist/lake/list.js': `import 'undici'; import 'node:fs'; export * from '../record/contract-types.js';`,
  'dist/warehouse/publish.js': `import 'postgres'; export * from '../record/contract-types.js';`,
  'dist/worker/main.js': `import '@temporalio/worker'; import '../lake/list.js'; import '../warehouse/publish.js';`,
};

interface Violation {
  readonly from: string;
  readonly rule: { readonly name: string };
}

let tree: string;
let violations: readonly Violation[];

beforeAll(async () => {
  tree = await mkdtemp(join(tmpdir(), 'hourloom-reach-'));
  await cp(join(ROOT, '.dependency-cruiser.json'), join(tree, '.dependency-cruiser.json'));
  const dependencies = Object.fromEntries(PACKAGES.map((name) => [name, '1.0.0']));
  await write('package.json', JSON.stringify({ type: 'module', dependencies }));
  for (const name of [...PACKAGES, 'undeclared']) {
    await write(`node_modules/${name}/package.json`, JSON.stringify({ name, version: '1.0.0', main: 'index.js' }));
    await write(`node_modules/${name}/index.js`, '');
  }
  for (const files of [ALLOWED, ...Object.values(FORBIDDEN)]) {
    for (const [file, content] of Object.entries(files)) await write(file, content);
  }
  violations = await cruise();
});
afterAll(() => rm(tree, { recursive: true, force: true }));

test.each(Object.entries(FORBIDDEN))('%s fails where something else imports it', (rule, files) => {
  const [first] = Object.keys(files);
  expect(violations.filter(({ from }) => from === first).map(({ rule: { name } }) => name)).toContain(rule);
});

test('what the folders are meant to reach passes', () => {
  expect(violations.filter(({ from }) => from in ALLOWED)).toEqual([]);
});

test('every rule has files that must fail', async () => {
  const { forbidden } = JSON.parse(await readFile(join(ROOT, '.dependency-cruiser.json'), 'utf8')) as {
    readonly forbidden: readonly { readonly name: string; readonly comment?: string }[];
  };
  expect(forbidden.map(({ name }) => name).toSorted()).toEqual(Object.keys(FORBIDDEN).toSorted());
  expect(forbidden.filter(({ comment = '' }) => comment === '')).toEqual([]);
});

async function write(file: string, content: string): Promise<void> {
  await mkdir(dirname(join(tree, file)), { recursive: true });
  await writeFile(join(tree, file), content);
}

function cruise(): Promise<readonly Violation[]> {
  const depcruise = join(ROOT, 'node_modules/.bin/depcruise');
  const args = ['--config', '.dependency-cruiser.json', '--output-type', 'json', 'dist'];
  return new Promise((resolve, reject) => {
    execFile(depcruise, args, { cwd: tree, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      // It ends with the number of violations; what is no JSON is a failure of its own.
      try {
        const { summary } = JSON.parse(stdout) as { readonly summary: { readonly violations: readonly Violation[] } };
        resolve(summary.violations);
      } catch {
        reject(new Error(`dependency-cruiser did not run: ${error?.message}\n${stdout}\n${stderr}`));
      }
    });
  });
}
