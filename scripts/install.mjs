import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatSeconds, ROOT, runQuietly, say } from './run-step.mjs';

/**
 * Installs the packages that package-lock.json names where they are not there yet. What is there, npm itself has
 * written down at the end of its last installation, so an interrupted one counts as none.
 */
export async function install() {
  const difference = findDifference();
  if (difference === undefined) return;
  say(`Installing packages (${difference}); about half a minute, once`);
  const startedMs = performance.now();
  // No package of ours needs its install script, and where a company forbids them everything works the same.
  await runQuietly('npm ci', 'npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline']);
  say(`Installed in ${formatSeconds(startedMs)}`);
}

/** In words, or undefined where node_modules is what package-lock.json asks for. */
function findDifference() {
  const wanted = readPackages('package-lock.json');
  const installed = readPackages('node_modules/.package-lock.json');
  if (installed === undefined) return 'none are here';
  for (const [path, { version, integrity, optional }] of Object.entries(wanted ?? {})) {
    if (path === '') continue;
    const there = installed[path];
    // Optional ones are for one platform each.
    if (there === undefined && optional) continue;
    if (there?.version !== version || there.integrity !== integrity)
      return `${path.replace(/^.*node_modules\//u, '')} has changed`;
  }
  return undefined;
}

function readPackages(file) {
  try {
    return JSON.parse(readFileSync(join(ROOT, file), 'utf8')).packages;
  } catch {
    return undefined;
  }
}
