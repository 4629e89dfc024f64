import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const MODULE = new URL('../../worker/outlive-rejections.ts', import.meta.url).href;
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const SCRIPT = `
  const { outliveRejections } = await import(${JSON.stringify(MODULE)});
  outliveRejections(new Map([['KEY', 'sesame']]), (problem) => console.log('told:', problem));
  void Promise.reject(new Error('401 for sesame'));
  await new Promise((resolve) => setImmediate(resolve));
  console.log('alive');
`;

test('a promise that nobody waits for ends no worker, and its secrets are not told', async () => {
  const args = ['--import', 'tsx', '--input-type=module', '--eval', SCRIPT];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: ROOT });
  expect(stdout).toBe('told: 401 for ***\nalive\n');
});
