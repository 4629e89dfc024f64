import { TerminalError } from '../model/terminal-error.ts';

/** A definition that cannot be carried out. The message names the definition and what to write instead. */
export class DefinitionError extends TerminalError {
  constructor(where: string, problem: string) {
    super(`${where}: ${problem}`);
    this.name = 'DefinitionError';
  }
}
