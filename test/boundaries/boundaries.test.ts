import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const FIXTURES = join(import.meta.dirname, 'fixtures');
/** Folders with TypeScript of which the product's code knows nothing; they may import what they like. */
const UNBOUND = new Set(['test', 'bench', 'scripts']);

/** One finding of oxlint: its rule is in `code`, our own reason in `help`, or at the end of `message`. */
interface Finding {
  readonly filename: string;
  readonly code: string;
  readonly message: string;
  readonly help?: string;
  readonly labels: readonly { readonly span: { readonly line: number } }[];
}

interface Restriction {
  readonly message: string;
}

type RuleEntry = string | readonly [string, ...(Restriction | { readonly patterns: readonly Restriction[] })[]];

interface Override {
  readonly files: readonly string[];
  readonly rules: Readonly<Record<string, RuleEntry>>;
}

let tree: string;
let findings: readonly Finding[];

// Every fixture is linted in a copy of the project's folders, by the project's own settings, as if it stood there.
beforeAll(async () => {
  tree = await mkdtemp(join(tmpdir(), 'hourloom-boundaries-'));
  await cp(FIXTURES, tree, { recursive: true });
  for (const file of ['.oxlintrc.json', 'tsconfig.json']) await cp(join(ROOT, file), join(tree, file));
  await symlink(join(ROOT, 'node_modules'), join(tree, 'node_modules'));
  findings = await lint(tree);
});
afterAll(() => rm(tree, { recursive: true, force: true }));

const fixtures = (await readdir(FIXTURES, { recursive: true })).filter((file) => file.endsWith('.ts')).sort();

describe.each(fixtures.filter((file) => !file.endsWith('allowed.ts')))('%s', (file) => {
  test('fails on every line, for the reason it states', async () => {
    const lines = (await readFile(join(FIXTURES, file), 'utf8')).trimEnd().split('\n');
    const reason = lines[0]?.split('// Must fail: ')[1] ?? 'the reason that its first line must state';
    const code = lines.flatMap((line, index) => (line.startsWith('//') ? [] : [index + 1]));
    const failing = findings
      .filter((finding) => finding.filename === file && (finding.code === reason || says(finding, reason)))
      .map(({ labels }) => labels[0]?.span.line);
    expect(new Set(failing)).toEqual(new Set(code));
  });
});

test.each(fixtures.filter((file) => file.endsWith('allowed.ts')))('%s passes', (file) => {
  expect(findings.filter(({ filename, code }) => filename === file && code.includes('no-restricted-'))).toEqual([]);
});

test('every reason in the settings has a fixture that fails for it', async () => {
  const stated = (await readOverrides()).flatMap(({ files, rules }) =>
    messages(rules).map((reason) => ({ folder: files[0]?.replace('**', ''), reason })),
  );
  const silent = stated.filter(
    ({ folder = '', reason }) =>
      !findings.some((finding) => finding.filename.startsWith(folder) && says(finding, reason)),
  );
  expect(silent).toEqual([]);
  expect(stated.length).toBeGreaterThan(40);
});

test('every folder with code has boundaries and a fixture of what it may import', async () => {
  const bound = (await readOverrides()).filter(({ rules }) => messages(rules).length > 0).map(({ files }) => files[0]);
  for (const folder of await listCodeFolders()) {
    expect(bound, `${folder}/ has no boundary in .oxlintrc.json`).toContain(`${folder}/**`);
    const allowed = fixtures.filter((file) => file.startsWith(`${folder}/`) && file.endsWith('allowed.ts'));
    expect(allowed, `${folder}/ has no allowed.ts`).toHaveLength(1);
  }
});

function says({ help, message }: Finding, reason: string): boolean {
  return help === reason || message.endsWith(reason);
}

function lint(folder: string): Promise<readonly Finding[]> {
  const oxlint = join(ROOT, 'node_modules/.bin/oxlint');
  return new Promise((resolve, reject) => {
    execFile(oxlint, ['--format=json'], { cwd: folder, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      // It ends with 1 because there are findings; what is no JSON is a failure of its own.
      try {
        resolve((JSON.parse(stdout) as { diagnostics: readonly Finding[] }).diagnostics);
      } catch {
        reject(new Error(`oxlint did not lint the fixtures: ${error?.message}\n${stdout}\n${stderr}`));
      }
    });
  });
}

async function readOverrides(): Promise<readonly Override[]> {
  const text = await readFile(join(ROOT, '.oxlintrc.json'), 'utf8');
  return (JSON.parse(text.replaceAll(/^\s*\/\/.*$/gmu, '')) as { overrides: readonly Override[] }).overrides;
}

/** The reasons that an override's restrictions give. */
function messages(rules: Override['rules']): readonly string[] {
  return Object.entries(rules)
    .filter(([name, entry]) => name.includes('no-restricted-') && typeof entry !== 'string')
    .flatMap(([, entry]) => entry.slice(1) as readonly (Restriction | { readonly patterns: readonly Restriction[] })[])
    .flatMap((option) => ('patterns' in option ? option.patterns : [option]))
    .map(({ message }) => message);
}

/** The folders of the project that hold TypeScript and are part of the product. */
async function listCodeFolders(): Promise<readonly string[]> {
  const entries = await readdir(ROOT, { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory() && !/^\.|^node_modules$|^dist$/u.test(entry.name));
  const withCode: string[] = [];
  for (const { name } of folders.filter((folder) => !UNBOUND.has(folder.name))) {
    const files = await readdir(join(ROOT, name), { recursive: true });
    if (files.some((file) => /\.tsx?$/u.test(file))) withCode.push(name);
  }
  return withCode;
}
