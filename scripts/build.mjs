import './require-node.mjs';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withLock } from './lock.mjs';
import { formatSeconds, ROOT, runQuietly, say, StepFailedError } from './run-step.mjs';

/** Beside dist and as deep, so that source maps stay right when it is renamed. */
const NEXT = '.dist-next';
const LAST = '.dist-last';
/** In dist: the digest of the sources that it was built from. */
const STAMP = '.sources';
const NO_SOURCES = new Set(['bench', 'deploy', 'dist', 'docs', 'node_modules', 'scripts', 'sql', 'test']);
const SETTINGS = ['package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json'];

/** What installs or builds holds this folder's lock. */
export const LOCK_FOLDER = join(ROOT, '.build');

/** Builds dist where it was not built from the sources as they are. */
export async function buildChanged() {
  const digest = digestSources();
  if (readStamp() === digest) return;
  await build(digest);
}

/**
 * Builds dist anew. It is made beside the old one and then takes its place, so that what runs from the old one is not
 * left with half of each, and a file whose source is gone is gone too.
 */
export async function build(digest = digestSources()) {
  if (!existsSync(join(ROOT, 'node_modules/.bin/tsc'))) {
    throw new StepFailedError('The packages are not installed. Run `npm ci` first; `npm start` does both by itself.');
  }
  say('Building');
  const startedMs = performance.now();
  const [next, last, dist] = [join(ROOT, NEXT), join(ROOT, LAST), join(ROOT, 'dist')];
  rmSync(next, { recursive: true, force: true });
  await runQuietly('tsc', 'node_modules/.bin/tsc', ['-p', 'tsconfig.build.json', '--outDir', NEXT]);
  await runQuietly('Bundling the workflows', process.execPath, [join(NEXT, 'worker/build-bundle.js')]);
  // For npx, which runs it as a program.
  chmodSync(join(next, 'cli/main.js'), 0o755);
  writeFileSync(join(next, STAMP), digest);
  rmSync(last, { recursive: true, force: true });
  if (existsSync(dist)) renameSync(dist, last);
  renameSync(next, dist);
  rmSync(last, { recursive: true, force: true });
  say(`Built in ${formatSeconds(startedMs)}`);
}

function readStamp() {
  const file = join(ROOT, 'dist', STAMP);
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}

/** One digest of all that the build reads: names and contents. */
function digestSources() {
  const folders = readdirSync(ROOT, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && !NO_SOURCES.has(entry.name))
    .map(({ name }) => name);
  const files = folders.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath ?? entry.path, entry.name)),
  );
  const hash = createHash('sha256');
  for (const file of [...files, ...SETTINGS.map((name) => join(ROOT, name))].sort()) {
    const content = readFileSync(file);
    hash.update(`${file.slice(ROOT.length)}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

// `npm run build` always builds.
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    await withLock(LOCK_FOLDER, () => build());
  } catch (error) {
    if (!(error instanceof StepFailedError)) throw error;
    say(error.message);
    process.exitCode = 1;
  }
}
