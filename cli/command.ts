import type { Config } from '../config/read-config.ts';
import type { Definitions } from '../define/definitions.ts';
import type { Output } from './output.ts';

/** What every command is handed; nothing in it is opened before it is asked for. */
export interface CommandContext {
  readonly config: Config;
  /** As the process was given it, for the programs that a command starts. */
  readonly environment: NodeJS.ProcessEnv;
  readonly output: Output;
  loadDefinitions(): Promise<Definitions>;
  /** An error as one sentence for people, without secrets. */
  explain(error: unknown): string;
}

/** A command with the arguments and options that the command line read for it. It throws to fail. */
export type Command<Options = object> = (context: CommandContext, options: Options) => Promise<void>;
