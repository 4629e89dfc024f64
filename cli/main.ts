#!/usr/bin/env node
import { Command as Commander, CommanderError } from 'commander';
import { processEnvironment } from '../config/process-environment.ts';
import { readConfig } from '../config/read-config.ts';
import { addCommands } from './add-commands.ts';
import { exitCodeOf } from './exit-code.ts';
import { explainError } from './explain-error.ts';
import { createOutput } from './output.ts';

/** Runs one command line and gives its exit code. For `--help` nothing but commander is loaded. */
async function main(argv: readonly string[]): Promise<number> {
  const environment = processEnvironment();
  const program = new Commander('hourloom')
    .description(
      'Declare assets and the hours they are made of; Hourloom keeps every hour there, right, and explained.',
    )
    .helpOption('-h, --help', 'show this help')
    .helpCommand(false)
    .showHelpAfterError('(--help shows how to write it)')
    .exitOverride();
  addCommands(program, async (loadCommand, options) => {
    const config = readConfig(environment);
    const output = createOutput({ json: options.json === true });
    const loadDefinitions = async () => (await import('../config/load-definitions.ts')).loadDefinitions(config.assets);
    const command = await loadCommand();
    await command({ config, environment, output, loadDefinitions }, options as never);
  });
  try {
    await program.parseAsync([...argv]);
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    process.stderr.write(`${explainError(error, { detailed: environment['HOURLOOM_LOG_LEVEL'] === 'debug' })}\n`);
    return exitCodeOf(error);
  }
}

process.exitCode = await main(process.argv);
