import { TerminalError } from './terminal-error.ts';

/** The author's function says that trying again cannot help. The message is the author's own. */
export class GivenUpError extends TerminalError {
  constructor(reason: string) {
    super(reason);
    this.name = 'GivenUpError';
  }
}
