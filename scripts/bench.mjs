import './require-node.mjs';
import { installAndBuild } from './install-and-build.mjs';
import { run, say, StepFailedError } from './run-step.mjs';

/** Runs one bench against the build: `npm run bench -- orchestration --json`. */
try {
  await installAndBuild();
  process.exitCode = await run(process.execPath, ['--import', 'tsx', 'bench/main.ts', ...process.argv.slice(2)]);
} catch (error) {
  if (!(error instanceof StepFailedError)) throw error;
  say(error.message);
  process.exitCode = 1;
}
