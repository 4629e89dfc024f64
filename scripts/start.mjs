import './require-node.mjs';
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';
import { installAndBuild } from './install-and-build.mjs';
import { ROOT, say, StepFailedError } from './run-step.mjs';

/** npm hands a Ctrl-C on that the terminal has delivered already: what comes so soon after is the same one. */
const SAME_SIGNAL_MS = 250;
const PARENT_CHECK_MS = 500;

/**
 * Runs `hourloom up --sample` and gives its exit code. It stands in a session of its own, so that every signal
 * reaches it once, through us; and it ends in order when we or the npm that started us are killed.
 */
async function startMachine(args) {
  const child = spawn(process.execPath, [join(ROOT, 'dist/cli/main.js'), 'up', '--sample', ...args], {
    cwd: ROOT,
    stdio: 'inherit',
    detached: true,
  });
  const stopWatcher = endWithUs(child.pid);

  let lastMs = -Infinity;
  const hand = (signal) => {
    if (performance.now() - lastMs < SAME_SIGNAL_MS) return;
    lastMs = performance.now();
    child.kill(signal);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, hand);
  const parent = process.ppid;
  const parentCheck = setInterval(() => {
    if (process.env['npm_lifecycle_event'] === undefined || process.ppid === parent) return;
    clearInterval(parentCheck);
    hand('SIGTERM');
  }, PARENT_CHECK_MS);

  const code = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (exitCode, signal) => resolve(exitCode ?? 128 + constants.signals[signal]));
  });
  clearInterval(parentCheck);
  stopWatcher();
  return code;
}

/** A shell waits for the end of a pipe that only we hold open, and then ends the process. We may be killed unasked. */
function endWithUs(pid) {
  const watcher = spawn('/bin/sh', ['-c', `cat >/dev/null; kill -TERM ${pid}`], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  watcher.unref();
  return () => watcher.kill('SIGKILL');
}

try {
  await installAndBuild();
  process.exitCode = await startMachine(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof StepFailedError)) throw error;
  say(error.message);
  process.exitCode = 1;
}
