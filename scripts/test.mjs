import './require-node.mjs';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { LOCK_FOLDER } from './build.mjs';
import { installAndBuild } from './install-and-build.mjs';
import { formatSeconds, run, say, StepFailedError } from './run-step.mjs';

const TESTS_LIMIT_MS = 15 * 60_000;
const README_LIMIT_MS = 10 * 60_000;
const DOWN_LIMIT_MS = 30_000;
/** Each counts as one test. */
const CHECKS = ['types', 'lint', 'reach', 'format'];

/** Adds up what passed, failed and was skipped over all phases. */
const counts = { passed: 0, failed: 0, skipped: 0 };

/** Runs one phase and says how long it took. `work` gives whether it went well. */
async function phase(name, work) {
  const startedMs = performance.now();
  const well = await work();
  say(`${well ? 'ok    ' : 'FAILED'} ${name} in ${formatSeconds(startedMs)}`);
  return well;
}

function countOne(well) {
  counts[well ? 'passed' : 'failed'] += 1;
}

async function prepare() {
  try {
    await installAndBuild();
    return true;
  } catch (error) {
    if (!(error instanceof StepFailedError)) throw error;
    say(error.message);
    return false;
  }
}

/** Vitest's own JSON report carries the counts; without one, or when it ends badly for no test's sake, that is a failure. */
async function runTests(args) {
  const report = join(LOCK_FOLDER, `vitest-${process.pid}.json`);
  mkdirSync(LOCK_FOLDER, { recursive: true });
  const code = await run(
    'node_modules/.bin/vitest',
    ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...args],
    { timeout: TESTS_LIMIT_MS },
  );
  const { passed, failed, skipped } = readReport(report);
  rmSync(report, { force: true });
  counts.passed += passed;
  counts.failed += code !== 0 && failed === 0 ? 1 : failed;
  counts.skipped += skipped;
  return code === 0;
}

function readReport(file) {
  let report;
  try {
    report = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
  // A file that cannot be imported, or whose hook fails, has no failed test: it counts as one itself.
  const brokenFiles = report.testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((assertion) => assertion.status === 'failed'),
  );
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + brokenFiles.length,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

/** Its commands may have left a machine running in this clone. */
async function runReadme() {
  const code = await run(process.execPath, ['scripts/readme-commands.mjs'], { timeout: README_LIMIT_MS });
  await run(process.execPath, ['dist/cli/main.js', 'down'], { stdio: 'ignore', timeout: DOWN_LIMIT_MS });
  return code === 0;
}

async function testAll(args) {
  if (!(await phase('install and build', prepare))) {
    counts.failed += 1;
    return;
  }
  for (const check of CHECKS) {
    countOne(await phase(check, async () => (await run('npm', ['run', '--silent', `check:${check}`])) === 0));
  }
  await phase('tests', () => runTests(args));
  if (process.env['HOURLOOM_README'] === '1') {
    countOne(await phase('README', runReadme));
  }
}

try {
  await testAll(process.argv.slice(2));
} catch (error) {
  say(error.stack);
  counts.failed += 1;
}
process.exitCode = counts.failed === 0 ? 0 : 1;
// The last line of all: nothing may be printed after it.
const skipped = counts.skipped === 0 ? '' : `, ${counts.skipped} skipped`;
process.stdout.write(`${counts.passed} passed, ${counts.failed} failed${skipped}\n`);
