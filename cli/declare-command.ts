import type { Command as Commander } from 'commander';
import type { CommandContext } from './command.ts';

/** Options and arguments as they were written, by name. Each command says in its own type which of them it reads. */
export type Written = Readonly<Record<string, unknown>>;

/** Runs one command. Its code is loaded only then, so that `--help` stays quick. */
export type RunCommand = (
  loadCommand: () => Promise<(context: CommandContext, written: never) => Promise<void>>,
  written: Written,
) => Promise<void>;

/** Declares one command: how it is written, what it is for, and where its code is. */
export type DeclareCommand = (usage: string, description: string, load: Parameters<RunCommand>[0]) => Commander;

/** Declares commands under `parent`, which is the program or a group of commands such as `backfill`. */
export function declareUnder(parent: Commander, run: RunCommand): DeclareCommand {
  return (usage, description, load) => {
    const command = parent.command(usage).description(description).option('--json', 'one JSON document on stdout');
    return command.action(async () => {
      const names = command.registeredArguments.map((argument) => argument.name());
      const values = Object.fromEntries(names.map((name, index) => [name, command.processedArgs[index] as unknown]));
      await run(load, { ...command.opts<Written>(), ...values });
    });
  };
}
