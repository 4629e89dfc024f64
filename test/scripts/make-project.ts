import { cp, mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const SCRIPTS = join(import.meta.dirname, '../../scripts');

/** Notes each build in builds.log; what it builds is a command that waits for a signal and says which one came. */
const TSC = `#!/bin/sh
echo built >> builds.log
mkdir -p "$4/cli" "$4/worker"
echo > "$4/worker/build-bundle.js"
cp up.mjs "$4/cli/main.js"
`;

const UP = `
import { appendFileSync } from 'node:fs';
const note = (line) => appendFileSync('up.log', line + '\\n');
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => { note(signal); process.exit(0); });
note(process.argv.slice(2).join(' '));
note(String(process.pid));
if (process.argv.includes('--once')) process.exit(7);
setInterval(() => undefined, 1000);
`;

/** Writes the report that \`report.json\` of the project holds, and ends with its exit code. */
const VITEST = `#!/usr/bin/env node
const { cpSync, readFileSync } = require('node:fs');
const file = process.argv.find((arg) => arg.startsWith('--outputFile.json=')).split('=')[1];
const { code, written } = JSON.parse(readFileSync('report.json', 'utf8'));
if (written) cpSync('report.json', file);
process.exit(code);
`;

/**
 * A new project folder with the real scripts and nothing to install, whose compiler and test runner are a few lines
 * each: what the scripts do with them is what is tested.
 */
export async function makeProject(checks: Readonly<Record<string, string>> = {}): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'hourloom-scripts-'));
  await cp(SCRIPTS, join(root, 'scripts'), { recursive: true });
  const passing = { 'check:types': 'true', 'check:lint': 'true', 'check:reach': 'true', 'check:format': 'true' };
  const manifest = { name: 'p', version: '1.0.0', engines: { node: '>=20.19' }, scripts: { ...passing, ...checks } };
  const files: Readonly<Record<string, string>> = {
    'package.json': JSON.stringify(manifest),
    'package-lock.json': JSON.stringify({ packages: {} }),
    'node_modules/.package-lock.json': JSON.stringify({ packages: {} }),
    'node_modules/.bin/tsc': TSC,
    'node_modules/.bin/vitest': VITEST,
    'tsconfig.json': '{}',
    'tsconfig.build.json': '{}',
    'up.mjs': UP,
    'model/window.ts': 'export const window = 1;',
  };
  for (const [file, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, file)), { recursive: true });
    await writeFile(join(root, file), content, { mode: 0o755 });
  }
  return root;
}
