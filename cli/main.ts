#!/usr/bin/env node
import { Command as Commander, CommanderError } from 'commander';
import { processEnvironment } from '../config/process-environment.ts';
import { secretsOf } from '../config/secrets.ts';
import { addCommands } from './add-commands.ts';
import { exitCodeOf } from './exit-code.ts';
import { explainError } from './explain-error.ts';

/** Runs one command line and gives its exit code. For `--help` nothing but commander is loaded. */
async function main(argv: readonly string[]): Promise<number> {
  const environment = processEnvironment();
  const secrets = secretsOf(environment);
  const explain = (error: unknown) => explainError(error, { detailed: false, secrets });
  const program = new Commander('hourloom')
    .description(
      'Declare assets and the hours they are made of; Hourloom keeps every hour there, right, and explained.',
    )
    .helpOption('-h, --help', 'show this help')
    .helpCommand(false)
    .configureOutput({ outputError: (text, write) => write(`${writeUsage(text)}\n`) })
    .addHelpText('after', ENVIRONMENT)
    .exitOverride();
  addCommands(program, async (loadCommand, options) => {
    const [{ readConfig }, { createOutput }] = await Promise.all([
      import('../config/read-config.ts'),
      import('./output.ts'),
    ]);
    const config = readConfig(environment);
    const output = createOutput({ json: options.json === true });
    const loadDefinitions = async () =>
      (await import('../config/load-definitions.ts')).loadDefinitions(config.assets, config.sources);
    const command = await loadCommand();
    await command({ config, environment, output, loadDefinitions, explain }, options as never);
  });
  try {
    await program.parseAsync([...argv]);
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    const detailed = environment['HOURLOOM_LOG_LEVEL'] === 'debug';
    process.stderr.write(`${explainError(error, { detailed, secrets })}\n`);
    return exitCodeOf(error);
  }
}

const ENVIRONMENT = `
Exit codes: 0 well, 1 a run failed, 2 written wrongly, 3 something must be set or installed, 4 a server does not answer.

DATABASE_URL, TEMPORAL_ADDRESS and AWS_ENDPOINT_URL_S3 name servers of yours; the others run under .hourloom.`;

/** Commander says "error: unknown option '--foo'", with its guess on a line of its own; people get sentences. */
function writeUsage(text: string): string {
  const [what = '', ...guess] = text
    .replace(/^error: /u, '')
    .trim()
    .split('\n');
  const sentence = `${what.charAt(0).toUpperCase()}${what.slice(1).replace(/\.$/u, '')}.`;
  return [sentence, ...guess.map((line) => line.replace(/^\(|\)$/gu, '')), '--help shows how to write it.'].join(' ');
}

// Whoever reads our output may have seen enough, as `head` does.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});
process.exitCode = await main(process.argv);
