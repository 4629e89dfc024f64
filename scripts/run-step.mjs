import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The project's folder, whatever the folder a script was started in. */
export const ROOT = fileURLToPath(new URL('..', import.meta.url));

const STILL_MS = 15_000;

/** For people: what takes how long. On stderr, so that stdout stays the command's own. */
export function say(line) {
  process.stderr.write(`${line}\n`);
}

/** `1.2 s`. */
export function formatSeconds(startedMs) {
  return `${((performance.now() - startedMs) / 1000).toFixed(1)} s`;
}

/** Runs a command in the project's folder with our own output. Gives its exit code, 1 where a signal ended it. */
export function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: ROOT, stdio: 'inherit', ...options });
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 1));
  });
}

/** Runs a command quietly, says now and then that it still runs, and shows its output only where it fails. */
export async function runQuietly(what, command, args) {
  const startedMs = performance.now();
  const still = setInterval(() => say(`${what}: still at it after ${formatSeconds(startedMs)}`), STILL_MS);
  try {
    const output = [];
    await new Promise((resolve, reject) => {
      const child = spawn(command, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
      child.stdout.on('data', (chunk) => output.push(chunk));
      child.stderr.on('data', (chunk) => output.push(chunk));
      child.on('error', (error) =>
        reject(new StepFailedError(`${what} failed: ${command} cannot be run: ${error.message}`)),
      );
      child.on('close', (code) => {
        if (code === 0) resolve();
        else reject(new StepFailedError(`${Buffer.concat(output).toString()}\n${what} failed with exit code ${code}.`));
      });
    });
  } finally {
    clearInterval(still);
  }
}

/** A step that other steps need has failed; its message is all there is to say, without a stack. */
export class StepFailedError extends Error {}
